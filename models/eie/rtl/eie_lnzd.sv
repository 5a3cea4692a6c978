// Leading-nonzero detection over LEAVES flags: a level of nodes, each over four leaves, and the smaller tree over
// those nodes. Combinational; the number of nodes is sum over levels l >= 1 of ceil(LEAVES / 4^l).
module eie_lnzd #(
    parameter int unsigned LEAVES = 64,
    localparam int unsigned INDEX_WIDTH = (LEAVES > 1) ? $clog2(LEAVES) : 1
) (
    input  logic [LEAVES-1:0]      flags,
    output logic                   found,
    output logic [INDEX_WIDTH-1:0] index
);

  generate
    if (LEAVES == 1) begin : g_leaf
      assign found = flags[0];
      assign index = 1'b0;
    end else begin : g_level
      localparam int unsigned NODES = (LEAVES + 3) / 4;
      logic [4*NODES-1:0] padded;
      logic [NODES-1:0] node_found;
      logic [2*NODES-1:0] node_child;

      if (4 * NODES == LEAVES) begin : g_exact
        assign padded = flags;
      end else begin : g_padded
        assign padded = {{(4 * NODES - LEAVES) {1'b0}}, flags};
      end

      for (genvar n = 0; n < NODES; n++) begin : g_node
        eie_lnzd_node node (
            .child_found(padded[4*n+:4]),
            .found(node_found[n]),
            .child(node_child[2*n+:2])
        );
      end

      if (NODES == 1) begin : g_root
        assign found = node_found[0];
        assign index = INDEX_WIDTH'(node_child);
        if (INDEX_WIDTH < 2) begin : g_narrow
          logic unused_child;
          assign unused_child = node_child[1];
        end
      end else begin : g_upper
        localparam int unsigned UPPER_WIDTH = $clog2(NODES);
        logic [UPPER_WIDTH-1:0] upper;
        eie_lnzd #(.LEAVES(NODES)) tree (
            .flags(node_found),
            .found(found),
            .index(upper)
        );
        assign index = INDEX_WIDTH'({upper, node_child[2*upper+:2]});
      end
    end
  endgenerate

endmodule

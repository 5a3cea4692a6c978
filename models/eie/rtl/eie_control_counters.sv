// Counters of the central control, in the order of models/eie/counters.h.
module eie_control_counters #(
    parameter int unsigned PE_COUNT = 64
) (
    input  logic        clk,
    input  logic        clear,
    input  logic        broadcast,
    input  logic        blocked,
    input  logic        row_load,
    input  logic        scanning,
    input  logic [2:0]  select,
    output logic [63:0] selected
);

  // Nodes of the quadtree over `leaves`.
  function automatic int unsigned quadtree_nodes(input int unsigned leaves);
    int unsigned remaining;
    quadtree_nodes = 0;
    remaining = leaves;
    for (int unsigned level = 0; level < 5; level++) begin
      if (remaining > 1) begin
        remaining = (remaining + 3) / 4;
        quadtree_nodes = quadtree_nodes + remaining;
      end
    end
  endfunction

  localparam int unsigned WIDTH = 48;
  localparam int unsigned NODES = quadtree_nodes(PE_COUNT);

  logic [WIDTH-1:0] broadcasts;
  logic [WIDTH-1:0] blocked_cycles;
  logic [WIDTH-1:0] row_loads;
  logic [WIDTH-1:0] scan_cycles;
  logic [WIDTH-1:0] node_evaluations;

  always_ff @(posedge clk) begin
    if (clear) begin
      broadcasts <= '0;
      blocked_cycles <= '0;
      row_loads <= '0;
      scan_cycles <= '0;
      node_evaluations <= '0;
    end else begin
      if (broadcast) broadcasts <= broadcasts + 1'b1;
      if (blocked) blocked_cycles <= blocked_cycles + 1'b1;
      if (row_load) row_loads <= row_loads + 1'b1;
      if (scanning) begin
        scan_cycles <= scan_cycles + 1'b1;
        node_evaluations <= node_evaluations + WIDTH'(NODES);
      end
    end
  end

  always_comb begin
    case (select)
      3'd0: selected = 64'(broadcasts);
      3'd1: selected = 64'(blocked_cycles);
      3'd2: selected = 64'(row_loads);
      3'd3: selected = 64'(scan_cycles);
      default: selected = 64'(node_evaluations);
    endcase
  end

endmodule

// One node of the leading-nonzero-detection quadtree: picks the lowest of four children that has found something.
module eie_lnzd_node (
    input  logic [3:0] child_found,
    output logic       found,
    output logic [1:0] child
);

  assign found = |child_found;

  always_comb begin
    if (child_found[0]) child = 2'd0;
    else if (child_found[1]) child = 2'd1;
    else if (child_found[2]) child = 2'd2;
    else child = 2'd3;
  end

endmodule

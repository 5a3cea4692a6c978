// A value STAGES cycles later; STAGES may be 0.
module tomato_delay #(
    parameter int BITS = 8,
    parameter int STAGES = 1
) (
    input  logic clk,
    input  logic [BITS-1:0] value,
    output logic [BITS-1:0] delayed
);
  generate
    if (STAGES == 0) begin : none
      logic unused_clk;
      assign unused_clk = clk;
      assign delayed = value;
    end else if (STAGES == 1) begin : one
      always_ff @(posedge clk) delayed <= value;
    end else begin : some
      logic [(STAGES-1)*BITS-1:0] between;
      always_ff @(posedge clk) {delayed, between} <= {between, value};
    end
  endgenerate
endmodule

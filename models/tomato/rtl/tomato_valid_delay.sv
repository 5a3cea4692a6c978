// A bit STAGES cycles later, 0 after reset; STAGES may be 0.
module tomato_valid_delay #(
    parameter int STAGES = 1
) (
    input  logic clk,
    input  logic rst_n,
    input  logic value,
    output logic delayed
);
  generate
    if (STAGES == 0) begin : none
      logic unused_clock;
      assign unused_clock = &{1'b0, clk, rst_n};
      assign delayed = value;
    end else begin : some
      logic [STAGES-1:0] bits;
      if (STAGES == 1) begin : one
        always_ff @(posedge clk) bits <= rst_n && value;
      end else begin : more
        always_ff @(posedge clk) begin
          if (!rst_n) bits <= '0;
          else bits <= {bits[STAGES-2:0], value};
        end
      end
      assign delayed = bits[STAGES-1];
    end
  endgenerate
endmodule

// A stream FIFO's count of tokens (contract, section 2), where they lie in a memory that others read and write
// (tomato_pixels.sv): full and empty are those of the cycle's start, as tomato_fifo.sv has them.
module tomato_count #(
    parameter int DEPTH = 2
) (
    input  logic clk,
    input  logic rst_n,
    input  logic push,
    output logic full,
    input  logic pop,
    output logic empty
);
  localparam int COUNT_BITS = $clog2(DEPTH + 1);
  logic [COUNT_BITS-1:0] count;

  assign full = count == COUNT_BITS'(DEPTH);
  assign empty = count == '0;
  always_ff @(posedge clk) begin
    if (!rst_n) count <= '0;
    else if (push && !pop) count <= count + 1'b1;
    else if (pop && !push) count <= count - 1'b1;
  end
endmodule

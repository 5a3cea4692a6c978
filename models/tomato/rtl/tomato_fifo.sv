// A stream FIFO (contract, section 2): full and empty are those of the cycle's start, so a full one that is popped
// refuses the push of the same cycle. The producer pushes only when it is not full, the consumer pops only when
// it is not empty.
module tomato_fifo #(
    parameter int BITS = 8,
    parameter int DEPTH = 2
) (
    input  logic clk,
    input  logic rst_n,
    input  logic push,
    input  logic [BITS-1:0] push_data,
    output logic full,
    input  logic pop,
    output logic [BITS-1:0] pop_data,
    output logic empty
);
  localparam int COUNT_BITS = $clog2(DEPTH + 1);
  localparam int POINTER_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
  localparam logic [POINTER_BITS-1:0] LAST = POINTER_BITS'(DEPTH - 1);

  logic [BITS-1:0] tokens[0:DEPTH-1];
  logic [COUNT_BITS-1:0] count;
  logic [POINTER_BITS-1:0] write_at, read_at;

  assign full = count == COUNT_BITS'(DEPTH);
  assign empty = count == '0;
  assign pop_data = tokens[read_at];

  always_ff @(posedge clk) begin
    if (push) tokens[write_at] <= push_data;
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      count <= '0;
      write_at <= '0;
      read_at <= '0;
    end else begin
      if (push && !pop) count <= count + 1'b1;
      if (pop && !push) count <= count - 1'b1;
      if (push) write_at <= write_at == LAST ? '0 : write_at + 1'b1;
      if (pop) read_at <= read_at == LAST ? '0 : read_at + 1'b1;
    end
  end
endmodule

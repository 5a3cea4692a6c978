// Counts what the contract (section 7) counts of a FIFO: tokens, cycles in which the producer had one and the FIFO was
// full, cycles in which the consumer would have taken one and the FIFO was empty, and the most tokens that it held, each
// counted when it is pushed. Cycles of waiting count when the token is taken that was waited for. Counts stop at their
// largest value. `clear` begins anew with the tokens that the FIFO holds.
module tomato_fifo_counters #(
    parameter int DEPTH = 2,
    parameter int BITS = 32
) (
    input  logic clk,
    input  logic rst_n,
    input  logic clear,
    input  logic push,
    input  logic pop,
    input  logic full,
    input  logic empty,
    input  logic offers,  // the producer
    input  logic waits,   // the consumer
    output logic [4*BITS-1:0] counts  // tokens lowest, full, empty, most
);
  localparam int COUNT_BITS = $clog2(DEPTH + 1);
  localparam logic [BITS-1:0] MOST = '1;

  logic [BITS-1:0] tokens, full_cycles, empty_cycles, empty_now;
  logic [COUNT_BITS-1:0] held, with_next, most;
  assign counts = {BITS'(most), empty_cycles, full_cycles, tokens};
  assign with_next = held + 1'b1;

  function automatic [BITS-1:0] one_more(input [BITS-1:0] count);
    one_more = count == MOST ? MOST : count + 1'b1;
  endfunction
  function automatic [BITS-1:0] both(input [BITS-1:0] one, input [BITS-1:0] other);
    logic [BITS:0] sum;
    sum = {1'b0, one} + {1'b0, other};
    both = sum[BITS] ? MOST : sum[BITS-1:0];
  endfunction

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      held <= '0;
    end else begin
      if (push && !pop) held <= held + 1'b1;
      if (pop && !push) held <= held - 1'b1;
    end
  end
  always_ff @(posedge clk) begin
    if (!rst_n || clear) begin
      tokens <= '0;
      full_cycles <= '0;
      empty_cycles <= '0;
      empty_now <= '0;
      most <= '0;
    end else begin
      if (push) tokens <= one_more(tokens);
      if (offers && full) full_cycles <= one_more(full_cycles);
      if (pop) begin
        empty_cycles <= both(empty_cycles, empty_now);
        empty_now <= '0;
      end else if (waits && empty) begin
        empty_now <= one_more(empty_now);
      end
      if (push && with_next > most) most <= with_next;
    end
  end
endmodule

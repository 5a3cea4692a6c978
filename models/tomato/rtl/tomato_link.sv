// A serial link with credits (contract, section 3), both ends and the wires between: a token takes WORDS cycles to
// send, arrives LATENCY cycles after the last of them, and waits in the far buffer of TOKENS. A token pushed on there
// gives its credit back after LATENCY cycles. Across devices the wires are two serialisers; here they are delays.
module tomato_link #(
    parameter int BITS = 8,
    parameter int WORDS = 1,
    parameter int LATENCY = 1,
    parameter int TOKENS = 2
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [BITS-1:0] in_data,
    output logic in_pop,
    input  logic out_full,
    output logic [BITS-1:0] out_data,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int COUNT_BITS = $clog2(TOKENS + 1);
  localparam int WORD_BITS = WORDS > 1 ? $clog2(WORDS) : 1;

  logic [COUNT_BITS-1:0] credits, waiting;
  logic [WORD_BITS-1:0] word;
  logic sending, last_word, arrived, returned;

  assign in_pop = !sending && !in_empty && credits != '0;
  assign last_word = (in_pop || sending) && word == WORD_BITS'(WORDS - 1);
  assign out_push = waiting != '0 && !out_full;
  assign in_waits = !sending;
  assign out_offers = waiting != '0;
  tomato_valid_delay #(.STAGES(LATENCY - 1)) there (.clk, .rst_n, .value(last_word), .delayed(arrived));
  tomato_valid_delay #(.STAGES(LATENCY - 1)) back (.clk, .rst_n, .value(out_push), .delayed(returned));

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      credits <= COUNT_BITS'(TOKENS);
      waiting <= '0;
      sending <= 1'b0;
      word <= '0;
    end else begin
      sending <= (in_pop || sending) && !last_word;
      if (in_pop || sending) word <= last_word ? '0 : word + 1'b1;
      if (in_pop && !returned) credits <= credits - 1'b1;
      if (returned && !in_pop) credits <= credits + 1'b1;
      if (arrived && !out_push) waiting <= waiting + 1'b1;
      if (out_push && !arrived) waiting <= waiting - 1'b1;
    end
  end

  // A credit is a place here, so the token's can be taken when it is sent.
  tomato_results #(.GROUPS(1), .GROUP_BITS(BITS), .INDEX_BITS(1), .SLOTS(TOKENS)) buffer (
      .clk, .rst_n, .write(in_pop), .write_last(1'b1), .group(1'b0), .value(in_data), .pop(out_push),
      .result(out_data)
  );
endmodule

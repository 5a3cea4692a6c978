// Concat, fork and select: a token is taken when all inputs have one and leaves, unchanged, when all outputs have
// room. The inputs' values come side by side in in_data, extended to one width by tomato_extend; select's are wired
// there in its order.
module tomato_pass #(
    parameter int BITS = 8,
    parameter int INPUTS = 1,
    parameter int OUTPUTS = 1
) (
    input  logic clk,
    input  logic rst_n,
    input  logic [INPUTS-1:0] in_empty,
    input  logic [BITS-1:0] in_data,
    output logic in_pop,
    input  logic [OUTPUTS-1:0] out_full,
    output logic [BITS-1:0] out_data,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  logic unused_working, unused_finishing;
  tomato_issue #(.STAGES(1)) issue (
      .clk, .rst_n, .available(in_empty == '0), .last_step(1'b1), .makes_result(1'b1), .room(out_full == '0), .accept(in_pop),
      .working(unused_working), .finishing(unused_finishing), .waits(in_waits), .offers(out_offers), .push(out_push)
  );
  tomato_results #(.GROUPS(1), .GROUP_BITS(BITS), .INDEX_BITS(1), .SLOTS(2)) results (
      .clk, .rst_n, .write(in_pop), .write_last(1'b1), .group(1'b0), .value(in_data), .pop(out_push),
      .result(out_data)
  );
endmodule

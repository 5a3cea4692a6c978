// The sum of two streams, each shifted left to the smaller of their units.
module tomato_add #(
    parameter int CHANNELS = 1,
    parameter int A_BITS = 8,
    parameter int A_SHIFT = 0,
    parameter int B_BITS = 8,
    parameter int B_SHIFT = 0,
    parameter int OUT_BITS = 9,
    parameter int LANES = 1
) (
    input  logic clk,
    input  logic rst_n,
    input  logic [1:0] in_empty,
    input  logic [CHANNELS*A_BITS-1:0] a_data,
    input  logic [CHANNELS*B_BITS-1:0] b_data,
    output logic in_pop,
    input  logic out_full,
    output logic [CHANNELS*OUT_BITS-1:0] out_data,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int GROUPS = (CHANNELS + LANES - 1) / LANES;
  localparam int GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam int PAIR_BITS = A_BITS + B_BITS;

  logic [CHANNELS*PAIR_BITS-1:0] pairs;
  genvar c;
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : pair
      assign pairs[c*PAIR_BITS+:PAIR_BITS] = {b_data[c*B_BITS+:B_BITS], a_data[c*A_BITS+:A_BITS]};
    end
  endgenerate

  logic working, last_step, unused_first_step, unused_first_token, unused_last_token;
  logic [GROUP_BITS-1:0] group;
  logic [LANES*PAIR_BITS-1:0] slice;
  tomato_channels #(
      .CHANNELS(CHANNELS), .BITS(PAIR_BITS), .LANES(LANES), .STAGES(1), .GROUP_BITS(GROUP_BITS)
  ) channels (
      .clk, .rst_n, .available(in_empty == '0), .in_data(pairs), .in_pop, .room(!out_full), .push(out_push),
      .waits(in_waits), .offers(out_offers), .working, .first_step(unused_first_step), .last_step, .first_token(unused_first_token),
      .last_token(unused_last_token), .group, .slice
  );

  logic [LANES*OUT_BITS-1:0] sums;
  generate
    for (c = 0; c < LANES; c = c + 1) begin : lane
      logic signed [A_BITS-1:0] a;
      logic signed [B_BITS-1:0] b;
      assign {b, a} = slice[c*PAIR_BITS+:PAIR_BITS];
      assign sums[c*OUT_BITS+:OUT_BITS] = (OUT_BITS'(a) <<< A_SHIFT) + (OUT_BITS'(b) <<< B_SHIFT);
    end
  endgenerate

  logic [GROUPS*LANES*OUT_BITS-1:0] result;
  tomato_results #(.GROUPS(GROUPS), .GROUP_BITS(LANES * OUT_BITS), .INDEX_BITS(GROUP_BITS), .SLOTS(2)) results (
      .clk, .rst_n, .write(working && last_step), .write_last(group == GROUP_BITS'(GROUPS - 1)), .group,
      .value(sums), .pop(out_push), .result
  );
  tomato_lanes #(.USED(CHANNELS * OUT_BITS), .BITS(GROUPS * LANES * OUT_BITS)) lanes (
      .values(result), .used(out_data)
  );
endmodule

// Each channel times the frame's gate value for it, LANES channels in a step. The gate comes with a frame's first
// token.
module tomato_boost #(
    parameter int CHANNELS = 1,
    parameter int IN_BITS = 8,
    parameter int GATE_BITS = 8,
    parameter int OUT_BITS = 16,
    parameter int LANES = 1,
    parameter int FRAME_TOKENS = 1,
    parameter int STAGES = 1
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [CHANNELS*IN_BITS-1:0] in_data,
    output logic in_pop,
    input  logic gate_empty,
    input  logic [CHANNELS*GATE_BITS-1:0] gate_data,
    output logic gate_pop,
    output logic gate_waits,
    input  logic out_full,
    output logic [CHANNELS*OUT_BITS-1:0] out_data,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int GROUPS = (CHANNELS + LANES - 1) / LANES;
  localparam int GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam int FRAME_BITS = FRAME_TOKENS > 1 ? $clog2(FRAME_TOKENS) : 1;
  localparam int PAIR_BITS = IN_BITS + GATE_BITS;

  logic first_of_frame;
  logic [FRAME_BITS-1:0] frame_token;
  logic [CHANNELS*GATE_BITS-1:0] gate, gate_kept;
  assign first_of_frame = frame_token == '0;
  assign gate_pop = in_pop && first_of_frame;
  assign gate_waits = in_waits && first_of_frame;
  assign gate = first_of_frame ? gate_data : gate_kept;
  always_ff @(posedge clk) begin
    if (!rst_n) frame_token <= '0;
    else if (in_pop) frame_token <= frame_token == FRAME_BITS'(FRAME_TOKENS - 1) ? '0 : frame_token + 1'b1;
  end
  always_ff @(posedge clk) begin
    if (gate_pop) gate_kept <= gate_data;
  end

  logic [CHANNELS*PAIR_BITS-1:0] pairs;
  genvar c;
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : pair
      assign pairs[c*PAIR_BITS+:PAIR_BITS] = {gate[c*GATE_BITS+:GATE_BITS], in_data[c*IN_BITS+:IN_BITS]};
    end
  endgenerate

  logic working, last_step, unused_first_step, unused_first_token, unused_last_token;
  logic [GROUP_BITS-1:0] group, group_then;
  logic [LANES*PAIR_BITS-1:0] slice;
  tomato_channels #(
      .CHANNELS(CHANNELS), .BITS(PAIR_BITS), .LANES(LANES), .STAGES(STAGES), .GROUP_BITS(GROUP_BITS)
  ) channels (
      .clk, .rst_n, .available(!in_empty && (!first_of_frame || !gate_empty)), .in_data(pairs), .in_pop,
      .room(!out_full), .push(out_push), .waits(in_waits), .offers(out_offers), .working, .first_step(unused_first_step), .last_step,
      .first_token(unused_first_token), .last_token(unused_last_token), .group, .slice
  );

  logic [LANES*OUT_BITS-1:0] products, values;
  generate
    for (c = 0; c < LANES; c = c + 1) begin : lane
      logic signed [IN_BITS-1:0] value;
      logic signed [GATE_BITS-1:0] factor;
      logic signed [PAIR_BITS-1:0] product;
      assign {factor, value} = slice[c*PAIR_BITS+:PAIR_BITS];
      assign product = value * factor;
      assign products[c*OUT_BITS+:OUT_BITS] = OUT_BITS'(product);
    end
  endgenerate
  logic valid;
  tomato_delay #(.BITS(LANES * OUT_BITS + GROUP_BITS), .STAGES(STAGES - 1)) product_delay (
      .clk, .value({products, group}), .delayed({values, group_then})
  );
  tomato_valid_delay #(.STAGES(STAGES - 1)) valid_delay (.clk, .rst_n, .value(working && last_step), .delayed(valid));

  logic [GROUPS*LANES*OUT_BITS-1:0] result;
  tomato_results #(
      .GROUPS(GROUPS), .GROUP_BITS(LANES * OUT_BITS), .INDEX_BITS(GROUP_BITS), .SLOTS(STAGES + 1)
  ) results (
      .clk, .rst_n, .write(valid), .write_last(group_then == GROUP_BITS'(GROUPS - 1)), .group(group_then),
      .value(values), .pop(out_push), .result
  );
  tomato_lanes #(.USED(CHANNELS * OUT_BITS), .BITS(GROUPS * LANES * OUT_BITS)) lanes (
      .values(result), .used(out_data)
  );
endmodule

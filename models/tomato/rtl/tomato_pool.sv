// Max pooling (LARGEST = 1) and sum pooling over windows, and with TOKENS > 1 over the pixels of a frame: global sum
// pooling. IN_BITS are extended to OUT_BITS, which hold every sum.
module tomato_pool #(
    parameter int TAPS = 1,
    parameter int CHANNELS = 1,
    parameter int IN_BITS = 8,
    parameter int OUT_BITS = 8,
    parameter int TAP_LANES = 1,
    parameter int LANES = 1,
    parameter int TOKENS = 1,
    parameter int LARGEST = 0,
    parameter int LEVELS_PER_STAGE = 1,
    parameter int TREE_STAGES = 0,
    parameter int STAGES = 1,  // of the pipe, at least TREE_STAGES + 1
    parameter int SLICED_IN = 0,  // as tomato_dot.sv
    parameter int SLICED_OUT = 0
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [(SLICED_IN!=0?TAP_LANES*LANES:TAPS*CHANNELS)*IN_BITS-1:0] in_data,
    output logic in_pop,
    output logic in_step,     // takes a slice
    input  logic out_full,
    output logic [(SLICED_OUT!=0?LANES:CHANNELS)*OUT_BITS-1:0] out_data,
    output logic out_write,   // of a group of lanes
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int GROUPS = (CHANNELS + LANES - 1) / LANES;
  localparam int GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam logic [IN_BITS-1:0] LOWEST = {1'b1, {(IN_BITS - 1) {1'b0}}};

  logic working, first_step, last_step, first_token, last_token;
  logic [GROUP_BITS-1:0] group;
  logic [TAP_LANES*LANES*IN_BITS-1:0] slice;
  tomato_channels #(
      .TAPS(TAPS), .CHANNELS(CHANNELS), .BITS(IN_BITS), .TAP_LANES(TAP_LANES), .LANES(LANES), .TOKENS(TOKENS),
      .STAGES(STAGES), .FILL(LARGEST != 0 ? LOWEST : '0), .GROUP_BITS(GROUP_BITS), .SLICED(SLICED_IN)
  ) channels (
      .clk, .rst_n, .available(!in_empty), .in_data, .in_pop, .room(!out_full), .push(out_push),
      .waits(in_waits), .offers(out_offers), .working,
      .first_step, .last_step, .first_token, .last_token, .group, .slice
  );

  assign in_step = working;

  logic [LANES*OUT_BITS-1:0] values;
  genvar c, t;
  generate
    for (c = 0; c < LANES; c = c + 1) begin : lane
      logic [TAP_LANES*OUT_BITS-1:0] taps;
      for (t = 0; t < TAP_LANES; t = t + 1) begin : tap
        logic signed [IN_BITS-1:0] value;
        assign value = slice[(t*LANES+c)*IN_BITS+:IN_BITS];
        assign taps[t*OUT_BITS+:OUT_BITS] = OUT_BITS'(value);
      end
      tomato_tree #(
          .INPUTS(TAP_LANES), .BITS(OUT_BITS), .LEVELS_PER_STAGE(LEVELS_PER_STAGE), .STAGES(TREE_STAGES),
          .LARGEST(LARGEST)
      ) tree (
          .clk, .values(taps), .result(values[c*OUT_BITS+:OUT_BITS])
      );
    end
  endgenerate

  logic valid, first, last, first_token_then, last_token_then;
  logic [GROUP_BITS-1:0] group_then;
  tomato_valid_delay #(.STAGES(TREE_STAGES)) valid_delay (.clk, .rst_n, .value(working), .delayed(valid));
  tomato_delay #(.BITS(4 + GROUP_BITS), .STAGES(TREE_STAGES)) step_delay (
      .clk, .value({first_step, last_step, first_token, last_token, group}),
      .delayed({first, last, first_token_then, last_token_then, group_then})
  );
  localparam int RESULT_GROUPS = SLICED_OUT != 0 ? 1 : GROUPS;
  logic [RESULT_GROUPS*LANES*OUT_BITS-1:0] result;
  tomato_accumulator #(
      .LANES(LANES), .BITS(OUT_BITS), .GROUPS(GROUPS), .INDEX_BITS(GROUP_BITS), .SLOTS(STAGES + 1),
      .COLLECT(TOKENS > 1 ? 1 : 0), .LARGEST(LARGEST), .SLICED(SLICED_OUT)
  ) accumulator (
      .clk, .rst_n, .valid, .first, .last, .first_token(first_token_then), .last_token(last_token_then),
      .group(group_then), .values, .pop(out_push), .write(out_write), .result
  );
  tomato_lanes #(
      .USED((SLICED_OUT != 0 ? LANES : CHANNELS) * OUT_BITS), .BITS(RESULT_GROUPS * LANES * OUT_BITS)
  ) lanes (
      .values(result), .used(out_data)
  );
endmodule

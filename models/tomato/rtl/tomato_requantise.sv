// Requantisation, LANES channels in a step. A memory word holds, for each lane, the scale (low) and the offset of a
// group's channel.
module tomato_requantise #(
    parameter int CHANNELS = 1,
    parameter int IN_BITS = 16,
    parameter int OUT_BITS = 8,
    parameter int LANES = 1,
    parameter int STAGES = 4,
    parameter int FORMAT = 0,  // and what follows: tomato_requantise_lane.sv
    parameter int FORMAT_BITS = 8,
    parameter int SHIFT = 0,
    parameter int OFFSET_SHIFT = 0,
    parameter int ROUNDING = 1,
    parameter int RECTIFY = 0,
    parameter int LIMIT = 0,
    parameter logic [39:0] MAXIMUM = '0,
    parameter int HALVES = 0,
    parameter int SLICED_IN = 0,  // as tomato_dot.sv
    parameter int SLICED_OUT = 0,
    parameter SCALES = "scales.hex"
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [(SLICED_IN!=0?LANES:CHANNELS)*IN_BITS-1:0] in_data,
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

  logic working, last_step, unused_first_step, unused_first_token, unused_last_token;
  logic [GROUP_BITS-1:0] group, group_then;
  logic [LANES*IN_BITS-1:0] slice;
  tomato_channels #(
      .CHANNELS(CHANNELS), .BITS(IN_BITS), .LANES(LANES), .STAGES(STAGES), .GROUP_BITS(GROUP_BITS),
      .SLICED(SLICED_IN)
  ) channels (
      .clk, .rst_n, .available(!in_empty), .in_data, .in_pop, .room(!out_full), .push(out_push),
      .waits(in_waits), .offers(out_offers), .working,
      .first_step(unused_first_step), .last_step, .first_token(unused_first_token), .last_token(unused_last_token),
      .group, .slice
  );

  logic [LANES*32-1:0] scales[0:GROUPS-1];
  logic [LANES*32-1:0] word;
  initial $readmemh(SCALES, scales);
  assign in_step = working;
  generate
    if (SLICED_IN != 0) begin : sliced
      logic [GROUP_BITS-1:0] next_group;
      logic [LANES*32-1:0] read_word;
      assign next_group = group == GROUP_BITS'(GROUPS - 1) ? '0 : group + 1'b1;
      always_ff @(posedge clk) read_word <= scales[working?next_group : group];
      assign word = read_word;
    end else begin : flat
      assign word = scales[group];
    end
  endgenerate

  logic [LANES*OUT_BITS-1:0] values;
  logic [LANES-1:0] clipped;
  genvar c;
  generate
    for (c = 0; c < LANES; c = c + 1) begin : lane
      tomato_requantise_lane #(
          .IN_BITS(IN_BITS), .OUT_BITS(OUT_BITS), .FORMAT(FORMAT), .FORMAT_BITS(FORMAT_BITS), .SHIFT(SHIFT),
          .OFFSET_SHIFT(OFFSET_SHIFT), .ROUNDING(ROUNDING), .RECTIFY(RECTIFY), .LIMIT(LIMIT), .MAXIMUM(MAXIMUM),
          .REGISTERS(STAGES - 1), .HALVES(HALVES)
      ) requantiser (
          .clk, .value(slice[c*IN_BITS+:IN_BITS]), .scale(word[c*32+:16]), .offset(word[c*32+16+:16]),
          .result(values[c*OUT_BITS+:OUT_BITS]), .clipped(clipped[c])
      );
    end
  endgenerate

  logic valid;
  tomato_valid_delay #(.STAGES(STAGES - 1)) valid_delay (.clk, .rst_n, .value(working && last_step), .delayed(valid));
  tomato_delay #(.BITS(GROUP_BITS), .STAGES(STAGES - 1)) group_delay (.clk, .value(group), .delayed(group_then));

  assign out_write = valid;
  generate
    if (SLICED_OUT != 0) begin : leave_as_they_come
      logic unused_group;
      assign unused_group = &{1'b0, group_then};
      assign out_data = values;
    end else begin : wait_in_slots
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
    end
  endgenerate

`ifdef TOMATO_PROBE
  // For simulation: the lanes that clipped a value of a channel, and the end of a token's.
  localparam int LAST_LANES = CHANNELS - (GROUPS - 1) * LANES;
  logic [LANES-1:0] probe_clipped;
  logic probe_token;
  assign probe_token = valid && group_then == GROUP_BITS'(GROUPS - 1);
  assign probe_clipped = !valid ? '0 : probe_token ? clipped & (LANES'(1) << LAST_LANES) - 1'b1 : clipped;
`else
  logic unused_clipped;
  assign unused_clipped = &{1'b0, clipped};
`endif
endmodule

// tomato_dot.sv with gates: closed output channels are not formed and are 0, closed input channels are left out of the
// sums (contract, section 5). Each lane goes through its own open channels, so each multiplier has an address of its
// own. A gate comes with the first token of a frame, one value for each channel, open where it is not 0.
module tomato_gated_dot #(
    parameter int TAPS = 1,
    parameter int CHANNELS = 1,
    parameter int VALUE_BITS = 8,
    parameter int OUTPUTS = 1,
    parameter int SUM_BITS = 16,
    parameter int TAP_LANES = 1,
    parameter int INPUT_LANES = 1,
    parameter int OUTPUT_LANES = 1,
    parameter int DEPTHWISE = 0,
    parameter int TOKENS = 1,
    parameter int FRAME_TOKENS = 1,
    parameter int OUTPUT_GATE = 1,
    parameter int OUTPUT_GATE_BITS = 8,  // of a value
    parameter int INPUT_GATE = 0,
    parameter int INPUT_GATE_BITS = 8,
    parameter int KIND = 0,
    parameter int WEIGHT_BITS = 8,
    parameter int PLACE = 0,
    parameter int NEGATIVE_CENTRE = 0,
    parameter int POSITIVE_CENTRE = 0,
    parameter int MULTIPLY_STAGES = 1,
    parameter int LEVELS_PER_STAGE = 1,
    parameter int TREE_STAGES = 1,
    parameter int SUM_STAGES = 1,
    parameter WEIGHTS = "weights.hex"
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [TAPS*CHANNELS*VALUE_BITS-1:0] in_data,
    output logic in_pop,
    input  logic output_gate_empty,
    input  logic [OUTPUTS*OUTPUT_GATE_BITS-1:0] output_gate_data,
    input  logic input_gate_empty,
    input  logic [CHANNELS*INPUT_GATE_BITS-1:0] input_gate_data,
    output logic gate_pop,
    output logic gate_waits,
    input  logic out_full,
    output logic [OUTPUTS*SUM_BITS-1:0] out_data,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int TAP_STEPS = (TAPS + TAP_LANES - 1) / TAP_LANES;
  localparam int CHANNEL_LANES = DEPTHWISE != 0 ? OUTPUT_LANES : INPUT_LANES;
  localparam int CHANNEL_STEPS = (CHANNELS + CHANNEL_LANES - 1) / CHANNEL_LANES;
  localparam int INNER_CHANNEL_STEPS = DEPTHWISE != 0 ? 1 : CHANNEL_STEPS;
  localparam int GROUPS = (OUTPUTS + OUTPUT_LANES - 1) / OUTPUT_LANES;
  localparam int SLICES = TAP_STEPS * CHANNEL_STEPS;
  localparam int TERMS = DEPTHWISE != 0 ? TAP_LANES : TAP_LANES * INPUT_LANES;
  localparam int WORD_BITS = OUTPUT_LANES * TERMS * WEIGHT_BITS;
  localparam int WORDS = GROUPS * TAP_STEPS * INNER_CHANNEL_STEPS * TOKENS;
  localparam int STAGES = MULTIPLY_STAGES + TREE_STAGES + SUM_STAGES;
  localparam int DELAY = MULTIPLY_STAGES + TREE_STAGES;
  localparam int GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam int CHANNEL_STEP_BITS = CHANNEL_STEPS > 1 ? $clog2(CHANNEL_STEPS) : 1;
  localparam int TAP_STEP_BITS = TAP_STEPS > 1 ? $clog2(TAP_STEPS) : 1;
  localparam int TOKEN_BITS = TOKENS > 1 ? $clog2(TOKENS) : 1;
  localparam int FRAME_BITS = FRAME_TOKENS > 1 ? $clog2(FRAME_TOKENS) : 1;
  localparam int ADDRESS_BITS = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam int SLICE_BITS = SLICES > 1 ? $clog2(SLICES) : 1;
  localparam int SLOTS = STAGES + 1;
  localparam int SLOT_BITS = $clog2(SLOTS);

  logic accept, working, finishing, last_step, last_token, result_due, due_kept, first_of_frame, gates_there;
  logic [TAP_STEP_BITS-1:0] tap_step;
  logic [TOKEN_BITS-1:0] token;
  logic [FRAME_BITS-1:0] frame_token;

  assign in_pop = accept;
  assign gate_pop = accept && first_of_frame;
  assign gate_waits = in_waits && first_of_frame;
  assign first_of_frame = frame_token == '0;
  assign gates_there = (OUTPUT_GATE == 0 || !output_gate_empty) && (INPUT_GATE == 0 || !input_gate_empty);
  assign last_token = token == TOKEN_BITS'(TOKENS - 1);
  assign result_due = working ? last_token : due_kept;
  tomato_issue #(.STAGES(STAGES)) issue (
      .clk, .rst_n, .available(!in_empty && (!first_of_frame || gates_there)), .last_step, .makes_result(result_due),
      .room(!out_full), .accept, .working, .finishing, .waits(in_waits), .offers(out_offers), .push(out_push)
  );

  // The frame's gates.
  logic [OUTPUTS-1:0] outputs_new, outputs_kept, outputs_open;
  logic [CHANNELS-1:0] inputs_new, inputs_kept, inputs_open;
  genvar i, o, t, c, g;
  generate
    if (OUTPUT_GATE != 0) begin : gated_outputs
      for (i = 0; i < OUTPUTS; i = i + 1) begin : channel
        assign outputs_new[i] = output_gate_data[i*OUTPUT_GATE_BITS+:OUTPUT_GATE_BITS] != '0;
      end
    end else begin : all_outputs
      logic unused_output_gate;
      assign unused_output_gate = &{1'b0, output_gate_empty, output_gate_data};
      assign outputs_new = '1;
    end
    if (INPUT_GATE != 0) begin : gated_inputs
      for (i = 0; i < CHANNELS; i = i + 1) begin : channel
        assign inputs_new[i] = input_gate_data[i*INPUT_GATE_BITS+:INPUT_GATE_BITS] != '0;
      end
    end else begin : all_inputs
      logic unused_input_gate;
      assign unused_input_gate = &{1'b0, input_gate_empty, input_gate_data};
      assign inputs_new = '1;
    end
  endgenerate
  assign outputs_open = gate_pop ? outputs_new : outputs_kept;
  assign inputs_open = gate_pop ? inputs_new : inputs_kept;
  always_ff @(posedge clk) begin
    if (gate_pop) begin
      outputs_kept <= outputs_new;
      inputs_kept <= inputs_new;
    end
  end

  // Steps: open channels of the output lanes, within them taps, within them open channels of the input lanes.
  logic [OUTPUT_LANES-1:0] output_active, output_more;
  logic [OUTPUT_LANES*GROUP_BITS-1:0] output_group;
  logic [CHANNEL_LANES-1:0] input_active;
  logic [CHANNEL_LANES*CHANNEL_STEP_BITS-1:0] input_step;
  logic nothing, last_input, last_tap, first_inner, begun, tap_start;
  assign nothing = outputs_open == '0 || inputs_open == '0;
  assign last_tap = tap_step == TAP_STEP_BITS'(TAP_STEPS - 1);
  assign last_step = nothing || (last_input && last_tap && output_more == '0);
  // `begun`: the token's first group is done or under way; `first_inner`: first step of a group.
  assign first_inner = !begun;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      tap_step <= '0;
      token <= '0;
      frame_token <= '0;
      begun <= 1'b0;
      tap_start <= 1'b1;
    end else if (working) begin
      begun <= !(finishing || (last_input && last_tap));
      tap_start <= finishing || last_input;
      if (finishing) tap_step <= '0;
      else if (last_input) tap_step <= last_tap ? '0 : tap_step + 1'b1;
      if (finishing) begin
        token <= last_token ? '0 : token + 1'b1;
        frame_token <= frame_token == FRAME_BITS'(FRAME_TOKENS - 1) ? '0 : frame_token + 1'b1;
      end
    end
  end
  always_ff @(posedge clk) begin
    if (working) due_kept <= last_token;
  end

  generate
    for (o = 0; o < OUTPUT_LANES; o = o + 1) begin : output_lane
      logic [GROUPS-1:0] open;
      for (g = 0; g < GROUPS; g = g + 1) begin : channel
        if (g * OUTPUT_LANES + o < OUTPUTS) begin : there
          assign open[g] = outputs_open[g*OUTPUT_LANES+o];
        end else begin : beyond
          assign open[g] = 1'b0;
        end
      end
      tomato_open_lane #(.STEPS(GROUPS), .INDEX_BITS(GROUP_BITS)) lane (
          .clk, .open, .start(accept), .advance(working && last_input && last_tap), .active(output_active[o]),
          .index(output_group[o*GROUP_BITS+:GROUP_BITS]), .more(output_more[o])
      );
    end
    if (DEPTHWISE != 0) begin : own_channels
      assign last_input = 1'b1;
      assign input_active = output_active;
      assign input_step = output_group;
      logic unused_tap_start;
      assign unused_tap_start = &{1'b0, tap_start};
    end else begin : joined_channels
      logic [INPUT_LANES-1:0] input_more;
      assign last_input = input_more == '0;
      for (c = 0; c < INPUT_LANES; c = c + 1) begin : input_lane
        logic [CHANNEL_STEPS-1:0] open;
        for (g = 0; g < CHANNEL_STEPS; g = g + 1) begin : channel
          if (g * INPUT_LANES + c < CHANNELS) begin : there
            assign open[g] = inputs_open[g*INPUT_LANES+c];
          end else begin : beyond
            assign open[g] = 1'b0;
          end
        end
        tomato_open_lane #(.STEPS(CHANNEL_STEPS), .INDEX_BITS(CHANNEL_STEP_BITS)) lane (
            .clk, .open, .start(accept || tap_start), .advance(working), .active(input_active[c]),
            .index(input_step[c*CHANNEL_STEP_BITS+:CHANNEL_STEP_BITS]), .more(input_more[c])
        );
      end
    end
  endgenerate

  // Operands of the channel lanes: [lane][tap].
  logic [TAPS*CHANNELS*VALUE_BITS-1:0] held, values;
  assign values = accept ? in_data : held;
  always_ff @(posedge clk) begin
    if (accept) held <= in_data;
  end
  logic [CHANNEL_LANES*TAP_LANES*VALUE_BITS-1:0] operands;
  generate
    for (c = 0; c < CHANNEL_LANES; c = c + 1) begin : channel_lane
      logic [CHANNEL_STEP_BITS-1:0] channel_step;
      logic [SLICE_BITS-1:0] slice;
      assign channel_step = input_step[c*CHANNEL_STEP_BITS+:CHANNEL_STEP_BITS];
      assign slice = SLICE_BITS'(32'(tap_step) * CHANNEL_STEPS + 32'(channel_step));
      for (t = 0; t < TAP_LANES; t = t + 1) begin : tap
        logic [SLICES*VALUE_BITS-1:0] choices;
        logic [VALUE_BITS-1:0] value;
        for (g = 0; g < SLICES; g = g + 1) begin : cut
          localparam int TAP = g / CHANNEL_STEPS * TAP_LANES + t;
          localparam int CHANNEL = g % CHANNEL_STEPS * CHANNEL_LANES + c;
          if (TAP < TAPS && CHANNEL < CHANNELS) begin : in_token
            assign choices[g*VALUE_BITS+:VALUE_BITS] = values[(TAP*CHANNELS+CHANNEL)*VALUE_BITS+:VALUE_BITS];
          end else begin : beyond
            assign choices[g*VALUE_BITS+:VALUE_BITS] = '0;
          end
        end
        tomato_select #(.COUNT(SLICES), .BITS(VALUE_BITS), .INDEX_BITS(SLICE_BITS)) select (
            .values(choices), .index(slice), .value
        );
        assign operands[(c*TAP_LANES+t)*VALUE_BITS+:VALUE_BITS] = input_active[c] && !nothing ? value : '0;
      end
    end
  endgenerate

  // What the sums' lanes are told of a step comes with its sums.
  logic valid, first, last, first_token_then, last_token_then, end_then;
  tomato_valid_delay #(.STAGES(DELAY)) valid_delay (.clk, .rst_n, .value(working), .delayed(valid));
  tomato_delay #(.BITS(5), .STAGES(DELAY)) step_delay (
      .clk, .value({first_inner, last_input && last_tap, token == '0, last_token, finishing}),
      .delayed({first, last, first_token_then, last_token_then, end_then})
  );

  // Results lie in slots, as in tomato_results.sv, each lane's channels in memories of their own. Which channels of a
  // result are open is kept beside it.
  logic [SLOT_BITS-1:0] write_at, read_at;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      write_at <= '0;
      read_at <= '0;
    end else begin
      if (valid && end_then && last_token_then) write_at <= write_at == SLOT_BITS'(SLOTS - 1) ? '0 : write_at + 1'b1;
      if (out_push) read_at <= read_at == SLOT_BITS'(SLOTS - 1) ? '0 : read_at + 1'b1;
    end
  end
  logic [OUTPUTS-1:0] formed;
  tomato_results #(.GROUPS(1), .GROUP_BITS(OUTPUTS), .INDEX_BITS(1), .SLOTS(SLOTS)) masks (
      .clk, .rst_n, .write(finishing && result_due), .write_last(1'b1), .group(1'b0),
      .value(nothing ? '0 : outputs_open), .pop(out_push), .result(formed)
  );
  generate
    for (o = 0; o < OUTPUT_LANES; o = o + 1) begin : sum_lane
      logic [GROUP_BITS-1:0] group, group_then;
      logic writes, writes_then;
      logic [TERMS*SUM_BITS-1:0] products;
      logic [SUM_BITS-1:0] sum, kept, partial, joined;
      assign group = output_group[o*GROUP_BITS+:GROUP_BITS];
      assign writes = output_active[o] && !nothing;
      for (t = 0; t < TERMS; t = t + 1) begin : term
        localparam int TAP = DEPTHWISE != 0 ? t : t / INPUT_LANES;
        localparam int LANE = DEPTHWISE != 0 ? o : t % INPUT_LANES;
        logic [ADDRESS_BITS-1:0] address;
        logic [WEIGHT_BITS-1:0] weight;
        if (DEPTHWISE != 0) begin : own
          assign address = ADDRESS_BITS'((32'(token) * GROUPS + 32'(group)) * TAP_STEPS + 32'(tap_step));
        end else begin : shared
          assign address = ADDRESS_BITS'(((32'(token) * GROUPS + 32'(group)) * TAP_STEPS + 32'(tap_step)) * CHANNEL_STEPS +
                                         32'(input_step[LANE*CHANNEL_STEP_BITS+:CHANNEL_STEP_BITS]));
        end
        tomato_weight_lane #(
            .WORD_BITS(WORD_BITS), .WORDS(WORDS), .FROM((o * TERMS + t) * WEIGHT_BITS), .BITS(WEIGHT_BITS),
            .ADDRESS_BITS(ADDRESS_BITS), .FILE(WEIGHTS)
        ) memory (
            .address, .weight
        );
        tomato_product #(
            .KIND(KIND), .WEIGHT_BITS(WEIGHT_BITS), .VALUE_BITS(VALUE_BITS), .PRODUCT_BITS(SUM_BITS), .PLACE(PLACE),
            .NEGATIVE_CENTRE(NEGATIVE_CENTRE), .POSITIVE_CENTRE(POSITIVE_CENTRE), .STAGES(MULTIPLY_STAGES)
        ) multiplier (
            .clk, .weight, .value(operands[(LANE*TAP_LANES+TAP)*VALUE_BITS+:VALUE_BITS]),
            .product(products[t*SUM_BITS+:SUM_BITS])
        );
      end
      tomato_tree #(
          .INPUTS(TERMS), .BITS(SUM_BITS), .LEVELS_PER_STAGE(LEVELS_PER_STAGE), .STAGES(TREE_STAGES)
      ) tree (
          .clk, .values(products), .result(sum)
      );
      tomato_delay #(.BITS(GROUP_BITS + 1), .STAGES(DELAY)) lane_delay (
          .clk, .value({writes, group}), .delayed({writes_then, group_then})
      );
      if (TOKENS > 1) begin : collecting
        logic [SUM_BITS-1:0] sums[0:GROUPS-1];
        always_ff @(posedge clk) begin
          if (valid && last && writes_then) sums[group_then] <= joined;
        end
        assign partial = sums[group_then];
      end else begin : alone
        assign partial = '0;
      end
      assign joined = !first ? kept + sum : first_token_then ? sum : partial + sum;
      always_ff @(posedge clk) begin
        if (valid) kept <= joined;
      end
      for (g = 0; g < GROUPS; g = g + 1) begin : store
        if (g * OUTPUT_LANES + o < OUTPUTS) begin : there
          logic [SUM_BITS-1:0] slots[0:SLOTS-1];
          always_ff @(posedge clk) begin
            if (valid && last && last_token_then && writes_then && group_then == GROUP_BITS'(g))
              slots[write_at] <= joined;
          end
          assign out_data[(g*OUTPUT_LANES+o)*SUM_BITS+:SUM_BITS] = formed[g*OUTPUT_LANES+o] ? slots[read_at] : '0;
        end
      end
    end
  endgenerate
endmodule

// Convolution, pointwise, fully connected and depthwise (contract, sections 3, 5 and 6). The steps of a token take the
// groups of output lanes one after the other; within a group the slices of taps and of input channels. A memory word
// holds the weights of a step: [output lane][tap][input lane], lane 0 lowest. Tokens come and results go whole, or, with
// SLICED_IN and SLICED_OUT, slice by slice as tomato_pixels reads and writes them.
module tomato_dot #(
    parameter int TAPS = 1,
    parameter int CHANNELS = 1,
    parameter int VALUE_BITS = 8,
    parameter int OUTPUTS = 1,
    parameter int SUM_BITS = 16,
    parameter int TAP_LANES = 1,
    parameter int INPUT_LANES = 1,
    parameter int OUTPUT_LANES = 1,
    parameter int DEPTHWISE = 0,  // each output lane has its own channel
    parameter int CHANNEL_GROUPS = 1,  // each output joins the channels of its group
    parameter int TOKENS = 1,     // that are joined to a result
    parameter int KIND = 0,       // of the weights, and what follows (tomato_product.sv)
    parameter int WEIGHT_BITS = 8,
    parameter int PLACE = 0,
    parameter int NEGATIVE_CENTRE = 0,
    parameter int POSITIVE_CENTRE = 0,
    parameter int MULTIPLY_STAGES = 1,
    parameter int LEVELS_PER_STAGE = 1,
    parameter int TREE_STAGES = 1,
    parameter int SUM_STAGES = 1,
    parameter int SLICED_IN = 0,  // with one group of channels
    parameter int SLICED_OUT = 0,
    parameter WEIGHTS = "weights.hex"
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [(SLICED_IN!=0?TAP_LANES*(DEPTHWISE!=0?OUTPUT_LANES:INPUT_LANES):TAPS*CHANNELS)*VALUE_BITS-1:0] in_data,
    output logic in_pop,
    output logic in_step,     // takes a slice
    input  logic out_full,
    output logic [(SLICED_OUT!=0?OUTPUT_LANES:OUTPUTS)*SUM_BITS-1:0] out_data,
    output logic out_write,   // of a group of lanes
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int TAP_STEPS = (TAPS + TAP_LANES - 1) / TAP_LANES;
  localparam int CHANNEL_LANES = DEPTHWISE != 0 ? OUTPUT_LANES : INPUT_LANES;
  localparam int JOINED = CHANNELS / CHANNEL_GROUPS;
  localparam int CHANNEL_STEPS = (JOINED + CHANNEL_LANES - 1) / CHANNEL_LANES;
  localparam int GROUPS = (OUTPUTS + OUTPUT_LANES - 1) / OUTPUT_LANES;
  localparam int INNER = DEPTHWISE != 0 ? TAP_STEPS : TAP_STEPS * CHANNEL_STEPS;  // steps of a group
  localparam int STEPS = GROUPS * INNER;
  localparam int SLICES = TAP_STEPS * CHANNEL_STEPS;
  localparam int SLICE_BITS = TAP_LANES * CHANNEL_LANES * VALUE_BITS;
  localparam int TERMS = DEPTHWISE != 0 ? TAP_LANES : TAP_LANES * INPUT_LANES;  // of a lane in a step
  localparam int WORD_BITS = OUTPUT_LANES * TERMS * WEIGHT_BITS;
  localparam int WORDS = STEPS * TOKENS;
  localparam int STAGES = MULTIPLY_STAGES + TREE_STAGES + SUM_STAGES;
  localparam int SLICE_INDEX_BITS = SLICES > 1 ? $clog2(SLICES) : 1;
  localparam int OWNER_BITS = CHANNEL_GROUPS > 1 ? $clog2(CHANNEL_GROUPS) : 1;
  localparam int INNER_BITS = INNER > 1 ? $clog2(INNER) : 1;
  localparam int GROUP_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
  localparam int TOKEN_BITS = TOKENS > 1 ? $clog2(TOKENS) : 1;
  localparam int ADDRESS_BITS = WORDS > 1 ? $clog2(WORDS) : 1;

  logic accept, working, finishing;
  logic [INNER_BITS-1:0] inner;
  logic [GROUP_BITS-1:0] group;
  logic [TOKEN_BITS-1:0] token;
  logic [ADDRESS_BITS-1:0] address;
  logic [ADDRESS_BITS-1:0] next_address;
  logic first_step, last_step, last_token, result_due, due_kept;

  assign in_pop = accept;
  assign in_step = working;
  assign first_step = inner == '0;
  assign last_step = inner == INNER_BITS'(INNER - 1);
  assign last_token = token == TOKEN_BITS'(TOKENS - 1);

  tomato_issue #(.STAGES(STAGES)) issue (
      .clk, .rst_n, .available(!in_empty), .last_step(last_step && group == GROUP_BITS'(GROUPS - 1)), .makes_result(result_due), .room(!out_full), .accept, .working, .finishing,
      .waits(in_waits), .offers(out_offers), .push(out_push)
  );

  // The token counter moves on with the last step; a token that waits for the pipe still makes its result.
  assign result_due = working ? last_token : due_kept;
  always_ff @(posedge clk) begin
    if (working) due_kept <= last_token;
  end

  assign next_address = address == ADDRESS_BITS'(WORDS - 1) ? '0 : address + 1'b1;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      inner <= '0;
      group <= '0;
      token <= '0;
      address <= '0;
    end else if (working) begin
      inner <= last_step ? '0 : inner + 1'b1;
      if (last_step) group <= group == GROUP_BITS'(GROUPS - 1) ? '0 : group + 1'b1;
      if (finishing) token <= last_token ? '0 : token + 1'b1;
      address <= next_address;
    end
  end

  logic [CHANNEL_GROUPS*SLICE_BITS-1:0] slice;
  logic [WORD_BITS-1:0] weights[0:WORDS-1];
  logic [WORD_BITS-1:0] word;
  initial $readmemh(WEIGHTS, weights);
  genvar s, q, t, c, o, k;
  generate
    if (SLICED_IN != 0) begin : sliced
      // The step behind this one is known, so its weights are read into a register, as its slice is.
      logic [WORD_BITS-1:0] read_word;
      logic unused_finishing;
      assign unused_finishing = finishing;
      always_ff @(posedge clk) read_word <= weights[working?next_address : address];
      assign word = read_word;
      assign slice = in_data;
    end else begin : flat
      // The token's slices, filled up with zeros: in the order of the steps of a group of lanes, for depthwise of all
      // steps. Each has its part for every group of channels.
      logic [SLICE_INDEX_BITS-1:0] slice_index;
      logic [TAPS*CHANNELS*VALUE_BITS-1:0] held, values;
      logic [SLICES*CHANNEL_GROUPS*SLICE_BITS-1:0] slices;
      assign word = weights[address];
      assign values = accept ? in_data : held;
      always_ff @(posedge clk) begin
        if (accept) held <= in_data;
      end
      always_ff @(posedge clk) begin
        if (!rst_n) slice_index <= '0;
        else if (working) slice_index <= slice_index == SLICE_INDEX_BITS'(SLICES - 1) ? '0 : slice_index + 1'b1;
      end
      for (s = 0; s < SLICES; s = s + 1) begin : cut
        localparam int TAP_STEP = DEPTHWISE != 0 ? s % TAP_STEPS : s / CHANNEL_STEPS;
        localparam int CHANNEL_STEP = DEPTHWISE != 0 ? s / TAP_STEPS : s % CHANNEL_STEPS;
        for (q = 0; q < CHANNEL_GROUPS; q = q + 1) begin : part
          for (t = 0; t < TAP_LANES; t = t + 1) begin : tap
            for (c = 0; c < CHANNEL_LANES; c = c + 1) begin : channel
              localparam int TAP = TAP_STEP * TAP_LANES + t;
              localparam int CHANNEL = CHANNEL_STEP * CHANNEL_LANES + c;
              localparam int TO = (s * CHANNEL_GROUPS + q) * SLICE_BITS + (t * CHANNEL_LANES + c) * VALUE_BITS;
              if (TAP < TAPS && CHANNEL < JOINED) begin : in_token
                assign slices[TO+:VALUE_BITS] = values[(TAP*CHANNELS+q*JOINED+CHANNEL)*VALUE_BITS+:VALUE_BITS];
              end else begin : beyond
                assign slices[TO+:VALUE_BITS] = '0;
              end
            end
          end
        end
      end
      tomato_select #(.COUNT(SLICES), .BITS(CHANNEL_GROUPS * SLICE_BITS), .INDEX_BITS(SLICE_INDEX_BITS)) select (
          .values(slices), .index(slice_index), .value(slice)
      );
    end
  endgenerate

  // All lanes meet the same operands, or each has its own.
  localparam int SHARED = DEPTHWISE == 0 && CHANNEL_GROUPS == 1 ? 1 : 0;
  localparam int OPERANDS = SHARED != 0 ? TERMS : OUTPUT_LANES * TERMS;
  logic [OPERANDS*VALUE_BITS-1:0] operands;
  generate
    if (SHARED != 0) begin : all_channels
      assign operands = slice;
    end else if (DEPTHWISE != 0) begin : own_channels
      always_comb begin
        for (int n = 0; n < OPERANDS; n = n + 1) begin
          operands[n*VALUE_BITS+:VALUE_BITS] = slice[(n%TERMS*CHANNEL_LANES+n/TERMS)*VALUE_BITS+:VALUE_BITS];
        end
      end
    end else begin : own_groups
      for (o = 0; o < OUTPUT_LANES; o = o + 1) begin : lane
        logic [GROUPS*OWNER_BITS-1:0] owners;
        logic [OWNER_BITS-1:0] owner;
        for (k = 0; k < GROUPS; k = k + 1) begin : step
          localparam int OUTPUT = k * OUTPUT_LANES + o;
          localparam int OWNER = OUTPUT < OUTPUTS ? OUTPUT / (OUTPUTS / CHANNEL_GROUPS) : 0;
          assign owners[k*OWNER_BITS+:OWNER_BITS] = OWNER_BITS'(OWNER);
        end
        tomato_select #(.COUNT(GROUPS), .BITS(OWNER_BITS), .INDEX_BITS(GROUP_BITS)) owner_of_step (
            .values(owners), .index(group), .value(owner)
        );
        tomato_select #(.COUNT(CHANNEL_GROUPS), .BITS(SLICE_BITS), .INDEX_BITS(OWNER_BITS)) own (
            .values(slice), .index(owner), .value(operands[o*SLICE_BITS+:SLICE_BITS])
        );
      end
    end
  endgenerate

  // A product has the bits that the largest weight and the largest value need, where the sum has more.
  localparam int SHIFTED = (1 << (WEIGHT_BITS > 3 ? WEIGHT_BITS - 3 : 0)) - 1 + PLACE;
  localparam int CENTRE = NEGATIVE_CENTRE > POSITIVE_CENTRE ? NEGATIVE_CENTRE : POSITIVE_CENTRE;
  localparam int ADDED_BITS = KIND == 0 ? WEIGHT_BITS :
                              KIND == 1 ? 1 << (WEIGHT_BITS > 2 ? WEIGHT_BITS - 2 : 0) :
                              KIND == 2 ? (SHIFTED > CENTRE ? SHIFTED : CENTRE) + 2 : 1;
  localparam int PRODUCT_BITS = VALUE_BITS + ADDED_BITS < SUM_BITS ? VALUE_BITS + ADDED_BITS : SUM_BITS;
  logic [OUTPUT_LANES*TERMS*PRODUCT_BITS-1:0] products;
  logic [OUTPUT_LANES*SUM_BITS-1:0] sums;
  tomato_product #(
      .COUNT(OUTPUT_LANES * TERMS), .VALUES(OPERANDS), .KIND(KIND), .WEIGHT_BITS(WEIGHT_BITS), .VALUE_BITS(VALUE_BITS),
      .PRODUCT_BITS(PRODUCT_BITS), .PLACE(PLACE), .NEGATIVE_CENTRE(NEGATIVE_CENTRE), .POSITIVE_CENTRE(POSITIVE_CENTRE),
      .STAGES(MULTIPLY_STAGES)
  ) multipliers (
      .clk, .weight(word), .value(operands), .product(products)
  );
  tomato_tree #(
      .LANES(OUTPUT_LANES), .INPUTS(TERMS), .BITS(SUM_BITS), .IN_BITS(PRODUCT_BITS), .LEVELS_PER_STAGE(LEVELS_PER_STAGE), .STAGES(TREE_STAGES)
  ) trees (
      .clk, .values(products), .result(sums)
  );

  // What the accumulator is told of a step comes with its sums.
  logic valid, first, last, first_token_then, last_token_then;
  logic [GROUP_BITS-1:0] group_then;
  tomato_valid_delay #(.STAGES(MULTIPLY_STAGES + TREE_STAGES)) valid_delay (
      .clk, .rst_n, .value(working), .delayed(valid)
  );
  tomato_delay #(.BITS(4 + GROUP_BITS), .STAGES(MULTIPLY_STAGES + TREE_STAGES)) step_delay (
      .clk, .value({first_step, last_step, token == '0, last_token, group}),
      .delayed({first, last, first_token_then, last_token_then, group_then})
  );

  localparam int RESULT_GROUPS = SLICED_OUT != 0 ? 1 : GROUPS;
  logic [RESULT_GROUPS*OUTPUT_LANES*SUM_BITS-1:0] result;
  tomato_accumulator #(
      .LANES(OUTPUT_LANES), .BITS(SUM_BITS), .GROUPS(GROUPS), .INDEX_BITS(GROUP_BITS), .SLOTS(STAGES + 1),
      .COLLECT(TOKENS > 1 ? 1 : 0), .SLICED(SLICED_OUT)
  ) accumulator (
      .clk, .rst_n, .valid, .first, .last, .first_token(first_token_then), .last_token(last_token_then),
      .group(group_then), .values(sums), .pop(out_push), .write(out_write), .result
  );
  tomato_lanes #(
      .USED((SLICED_OUT != 0 ? OUTPUT_LANES : OUTPUTS) * SUM_BITS), .BITS(RESULT_GROUPS * OUTPUT_LANES * SUM_BITS)
  ) lanes (
      .values(result), .used(out_data)
  );
endmodule

// The control and the slices of units that work channel by channel, LANES channels of TAPS taps in a step: groups of
// channels one after the other, within a group the slices of TAP_LANES taps. Taps and channels beyond the token's
// are FILL. Slices are [tap][lane]; with SLICED they come as they are from tomato_pixels.
module tomato_channels #(
    parameter int TAPS = 1,
    parameter int CHANNELS = 1,
    parameter int BITS = 8,
    parameter int TAP_LANES = 1,
    parameter int LANES = 1,
    parameter int TOKENS = 1,
    parameter int STAGES = 1,
    parameter logic [BITS-1:0] FILL = '0,
    parameter int GROUP_BITS = 1,
    parameter int SLICED = 0
) (
    input  logic clk,
    input  logic rst_n,
    input  logic available,
    input  logic [(SLICED!=0?TAP_LANES*LANES:TAPS*CHANNELS)*BITS-1:0] in_data,
    output logic in_pop,
    input  logic room,
    output logic push,
    output logic waits,
    output logic offers,
    output logic working,
    output logic first_step,
    output logic last_step,
    output logic first_token,
    output logic last_token,
    output logic [GROUP_BITS-1:0] group,
    output logic [TAP_LANES*LANES*BITS-1:0] slice
);
  localparam int TAP_STEPS = (TAPS + TAP_LANES - 1) / TAP_LANES;
  localparam int GROUPS = (CHANNELS + LANES - 1) / LANES;
  localparam int SLICES = TAP_STEPS * GROUPS;
  localparam int SLICE_BITS = TAP_LANES * LANES * BITS;
  localparam int INDEX_BITS = SLICES > 1 ? $clog2(SLICES) : 1;
  localparam int TAP_STEP_BITS = TAP_STEPS > 1 ? $clog2(TAP_STEPS) : 1;
  localparam int TOKEN_BITS = TOKENS > 1 ? $clog2(TOKENS) : 1;

  logic accept, finishing, result_due, due_kept;
  logic [INDEX_BITS-1:0] index;
  logic [TAP_STEP_BITS-1:0] tap_step;
  logic [TOKEN_BITS-1:0] token;

  assign in_pop = accept;
  assign first_step = tap_step == '0;
  assign last_step = tap_step == TAP_STEP_BITS'(TAP_STEPS - 1);
  assign first_token = token == '0;
  assign last_token = token == TOKEN_BITS'(TOKENS - 1);
  assign result_due = working ? last_token : due_kept;

  tomato_issue #(.STAGES(STAGES)) issue (
      .clk, .rst_n, .available, .last_step(index == INDEX_BITS'(SLICES - 1)), .makes_result(result_due), .room, .accept, .working, .finishing, .waits, .offers, .push
  );

  always_ff @(posedge clk) begin
    if (working) due_kept <= last_token;
  end
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      index <= '0;
      tap_step <= '0;
      group <= '0;
      token <= '0;
    end else if (working) begin
      index <= finishing ? '0 : index + 1'b1;
      tap_step <= last_step ? '0 : tap_step + 1'b1;
      if (last_step) group <= group == GROUP_BITS'(GROUPS - 1) ? '0 : group + 1'b1;
      if (finishing) token <= last_token ? '0 : token + 1'b1;
    end
  end

  genvar s, t, c;
  generate
    if (SLICED != 0) begin : sliced
      assign slice = in_data;
    end else begin : flat
      logic [TAPS*CHANNELS*BITS-1:0] held, values;
      logic [SLICES*SLICE_BITS-1:0] slices;
      assign values = accept ? in_data : held;
      always_ff @(posedge clk) begin
        if (accept) held <= in_data;
      end
      for (s = 0; s < SLICES; s = s + 1) begin : cut
        for (t = 0; t < TAP_LANES; t = t + 1) begin : tap
          for (c = 0; c < LANES; c = c + 1) begin : channel
            localparam int TAP = s % TAP_STEPS * TAP_LANES + t;
            localparam int CHANNEL = s / TAP_STEPS * LANES + c;
            localparam int TO = s * SLICE_BITS + (t * LANES + c) * BITS;
            if (TAP < TAPS && CHANNEL < CHANNELS) begin : in_token
              assign slices[TO+:BITS] = values[(TAP*CHANNELS+CHANNEL)*BITS+:BITS];
            end else begin : beyond
              assign slices[TO+:BITS] = FILL;
            end
          end
        end
      end
    tomato_select #(.COUNT(SLICES), .BITS(SLICE_BITS), .INDEX_BITS(INDEX_BITS)) select (
        .values(slices), .index, .value(slice)
    );
    end
  endgenerate
endmodule

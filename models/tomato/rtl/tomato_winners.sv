// Keeps WINNERS of the largest positive values of a token, one in a step, of equal ones the lower channel's; the others
// become 0. LANES lanes, to which channel c belongs by c mod LANES, take turns.
module tomato_winners #(
    parameter int CHANNELS = 4,
    parameter int IN_BITS = 8,
    parameter int OUT_BITS = 8,
    parameter int WINNERS = 2,
    parameter int LANES = 1,
    parameter int STAGES = 2
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [CHANNELS*IN_BITS-1:0] in_data,
    output logic in_pop,
    input  logic out_full,
    output logic [CHANNELS*OUT_BITS-1:0] out_data,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int STEP_BITS = WINNERS > 1 ? $clog2(WINNERS) : 1;

  logic working, finishing;
  logic [STEP_BITS-1:0] step;
  tomato_issue #(.STAGES(STAGES)) issue (
      .clk, .rst_n, .available(!in_empty), .last_step(step == STEP_BITS'(WINNERS - 1)), .makes_result(1'b1),
      .room(!out_full), .accept(in_pop), .working, .finishing, .waits(in_waits), .offers(out_offers), .push(out_push)
  );
  always_ff @(posedge clk) begin
    if (!rst_n) step <= '0;
    else if (working) step <= finishing ? '0 : step + 1'b1;
  end

  // The channels of the lane whose turn it is.
  logic [CHANNELS-1:0] eligible;
  generate
    if (LANES > 1) begin : turns
      localparam int LANE_BITS = $clog2(LANES);
      logic [LANE_BITS-1:0] lane;
      always_ff @(posedge clk) begin
        if (!rst_n) lane <= '0;
        else if (working) lane <= finishing || lane == LANE_BITS'(LANES - 1) ? '0 : lane + 1'b1;
      end
      genvar e;
      for (e = 0; e < CHANNELS; e = e + 1) begin : of_lane
        assign eligible[e] = lane == LANE_BITS'(e % LANES);
      end
    end else begin : all
      assign eligible = '1;
    end
  endgenerate

  logic [CHANNELS*IN_BITS-1:0] held, values;
  logic [CHANNELS-1:0] chosen_kept, chosen_before, chosen, winner;
  assign values = in_pop ? in_data : held;
  assign chosen_before = in_pop ? '0 : chosen_kept;
  assign chosen = chosen_before | winner;
  always_ff @(posedge clk) begin
    if (in_pop) held <= in_data;
    if (working) chosen_kept <= chosen;
  end

  // The largest of the values that are left.
  logic found;
  logic signed [IN_BITS-1:0] largest, candidate;
  always_comb begin
    winner = '0;
    found = 1'b0;
    largest = '0;
    candidate = '0;
    for (int c = 0; c < CHANNELS; c = c + 1) begin
      candidate = values[c*IN_BITS+:IN_BITS];
      if (eligible[c] && !chosen_before[c] && (!found || candidate > largest)) begin
        found = 1'b1;
        largest = candidate;
        winner = CHANNELS'(1) << c;
      end
    end
  end

  logic [CHANNELS*OUT_BITS-1:0] kept;
  genvar c;
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : channel
      logic signed [IN_BITS-1:0] value;
      assign value = values[c*IN_BITS+:IN_BITS];
      assign kept[c*OUT_BITS+:OUT_BITS] = chosen[c] && !value[IN_BITS-1] ? OUT_BITS'(value) : '0;
    end
  endgenerate
  tomato_results #(.GROUPS(1), .GROUP_BITS(CHANNELS * OUT_BITS), .INDEX_BITS(1), .SLOTS(STAGES + 1)) results (
      .clk, .rst_n, .write(finishing), .write_last(1'b1), .group(1'b0), .value(kept), .pop(out_push),
      .result(out_data)
  );
endmodule

// Joins the values of a group's steps, LANES at a time: sums them or takes the largest. With COLLECT the sums of a
// frame's tokens are joined, too, and the last token's are the result. Results leave whole, from slots, or with SLICED
// group by group as they are written.
module tomato_accumulator #(
    parameter int LANES = 1,
    parameter int BITS = 8,
    parameter int GROUPS = 1,
    parameter int INDEX_BITS = 1,
    parameter int SLOTS = 2,
    parameter int COLLECT = 0,
    parameter int LARGEST = 0,
    parameter int SLICED = 0
) (
    input  logic clk,
    input  logic rst_n,
    input  logic valid,
    input  logic first,        // step of its group
    input  logic last,
    input  logic first_token,  // of the frame
    input  logic last_token,
    input  logic [INDEX_BITS-1:0] group,
    input  logic [LANES*BITS-1:0] values,
    input  logic pop,
    output logic write,
    output logic [(SLICED!=0?1:GROUPS)*LANES*BITS-1:0] result
);
  logic [LANES*BITS-1:0] kept, old_values, joined;
  logic nothing_before;

  always_ff @(posedge clk) begin
    if (valid) kept <= joined;
  end

  generate
    if (COLLECT != 0) begin : collecting
      logic [LANES*BITS-1:0] sums[0:GROUPS-1];
      always_ff @(posedge clk) begin
        if (valid && last) sums[group] <= joined;
      end
      assign old_values = first ? sums[group] : kept;
      assign nothing_before = first && first_token;
    end else begin : alone
      logic unused_token;
      assign unused_token = first_token;
      assign old_values = kept;
      assign nothing_before = first;
    end
  endgenerate

  logic signed [BITS-1:0] old, value;
  always_comb begin
    for (int i = 0; i < LANES; i = i + 1) begin
      old = old_values[i*BITS+:BITS];
      value = values[i*BITS+:BITS];
      joined[i*BITS+:BITS] = nothing_before ? value : LARGEST == 0 ? old + value : value > old ? value : old;
    end
  end

  assign write = valid && last && last_token;
  generate
    if (SLICED != 0) begin : leave_as_they_come
      logic unused_slots;
      assign unused_slots = &{1'b0, pop, rst_n, group};
      assign result = joined;
    end else begin : wait_in_slots
      tomato_results #(
          .GROUPS(GROUPS), .GROUP_BITS(LANES * BITS), .INDEX_BITS(INDEX_BITS), .SLOTS(SLOTS)
      ) results (
          .clk, .rst_n, .write, .write_last(group == INDEX_BITS'(GROUPS - 1)), .group, .value(joined), .pop, .result
      );
    end
  endgenerate
endmodule

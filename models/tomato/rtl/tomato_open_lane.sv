// The open channels of one lane, one after the other, lowest first: a lane works on channels number, number + LANES,
// and so on, and skips those that the gate has closed (contract, section 5).
module tomato_open_lane #(
    parameter int STEPS = 2,  // channels of the lane
    parameter int INDEX_BITS = 1
) (
    input  logic clk,
    input  logic [STEPS-1:0] open,
    input  logic start,    // with this step the lane begins anew
    input  logic advance,  // at the step's end
    output logic active,   // the lane has a channel in this step
    output logic [INDEX_BITS-1:0] index,
    output logic more  // and one behind it
);
  logic [STEPS-1:0] kept, pending, lowest, rest;
  assign pending = start ? open : kept;
  assign lowest = pending & (~pending + 1'b1);
  assign rest = pending & ~lowest;
  assign active = pending != '0;
  assign more = rest != '0;
  always_comb begin
    index = '0;
    for (int i = 0; i < STEPS; i = i + 1) begin
      if (lowest[i]) index = INDEX_BITS'(i);
    end
  end
  always_ff @(posedge clk) begin
    if (advance) kept <= rest;
    else if (start) kept <= pending;
  end
endmodule

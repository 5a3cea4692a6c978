// In each lane the sum (LARGEST = 0) or the largest of INPUTS values of two's complement, STAGES cycles later. A register stands
// behind every LEVELS_PER_STAGE levels and behind the last; stages beyond those delay the result. Values have IN_BITS; sums grow by
// a bit a level, up to BITS.
module tomato_tree #(
    parameter int LANES = 1,
    parameter int INPUTS = 4,
    parameter int BITS = 8,
    parameter int IN_BITS = BITS,
    parameter int LEVELS_PER_STAGE = 1,
    parameter int STAGES = 2,
    parameter int LARGEST = 0
) (
    input  logic clk,
    input  logic [LANES*INPUTS*IN_BITS-1:0] values,  // [lane][input]
    output logic [LANES*BITS-1:0] result
);
  localparam int LEVELS = $clog2(INPUTS);
  localparam int USED = (LEVELS + LEVELS_PER_STAGE - 1) / LEVELS_PER_STAGE;

  // Of the last level's sums.
  localparam int LAST_BITS = LARGEST == 0 && IN_BITS + LEVELS < BITS ? IN_BITS + LEVELS : LARGEST == 0 ? BITS : IN_BITS;
  logic [LANES*LAST_BITS-1:0] last;

  genvar l;
  generate
    if (LEVELS == 0) begin : single
      tomato_delay #(.BITS(LANES * IN_BITS), .STAGES(STAGES)) rest (.clk, .value(values), .delayed(last));
    end else begin : tree
      for (l = 0; l < LEVELS; l = l + 1) begin : level
        localparam int BEFORE = (INPUTS + (1 << l) - 1) >> l;
        localparam int AFTER = (BEFORE + 1) / 2;
        localparam int REGISTERED = (l + 1) % LEVELS_PER_STAGE == 0 || l == LEVELS - 1 ? 1 : 0;
        localparam int PAIRS = BEFORE / 2;  // of a lane
        localparam int GROWN = LARGEST == 0 ? l : 0;
        localparam int FROM = IN_BITS + GROWN < BITS ? IN_BITS + GROWN : BITS;
        localparam int TO = LARGEST == 0 && FROM < BITS ? FROM + 1 : FROM;
        logic [LANES*BEFORE*FROM-1:0] operands;
        logic [LANES*AFTER*TO-1:0] joined, out;
        logic signed [FROM-1:0] a, b, larger, odd;
        if (l == 0) begin : first
          assign operands = values;
        end else begin : later
          assign operands = level[l-1].out;
        end
        always_comb begin
          odd = '0;
          for (int n = 0; n < LANES * PAIRS; n = n + 1) begin
            a = operands[(n/PAIRS*BEFORE+2*(n%PAIRS))*FROM+:FROM];
            b = operands[(n/PAIRS*BEFORE+2*(n%PAIRS)+1)*FROM+:FROM];
            larger = a > b ? a : b;
            joined[(n/PAIRS*AFTER+n%PAIRS)*TO+:TO] = LARGEST == 0 ? TO'(a) + TO'(b) : TO'(larger);
          end
          if (AFTER > PAIRS) begin
            for (int o = 0; o < LANES; o = o + 1) begin
              odd = operands[(o*BEFORE+BEFORE-1)*FROM+:FROM];
              joined[(o*AFTER+AFTER-1)*TO+:TO] = TO'(odd);
            end
          end
        end
        tomato_delay #(.BITS(LANES * AFTER * TO), .STAGES(REGISTERED)) register (.clk, .value(joined), .delayed(out));
      end
      tomato_delay #(.BITS(LANES * LAST_BITS), .STAGES(STAGES - USED)) rest (
          .clk, .value(level[LEVELS-1].out), .delayed(last)
      );
    end
  endgenerate

  logic signed [LAST_BITS-1:0] sum;
  always_comb begin
    for (int o = 0; o < LANES; o = o + 1) begin
      sum = last[o*LAST_BITS+:LAST_BITS];
      result[o*BITS+:BITS] = BITS'(sum);
    end
  end
endmodule

// In each lane the sum (LARGEST = 0) or the largest of INPUTS values of two's complement, STAGES cycles later. A register stands
// behind every LEVELS_PER_STAGE levels and behind the last; stages beyond those delay the result.
module tomato_tree #(
    parameter int LANES = 1,
    parameter int INPUTS = 4,
    parameter int BITS = 8,
    parameter int LEVELS_PER_STAGE = 1,
    parameter int STAGES = 2,
    parameter int LARGEST = 0
) (
    input  logic clk,
    input  logic [LANES*INPUTS*BITS-1:0] values,  // [lane][input]
    output logic [LANES*BITS-1:0] result
);
  localparam int LEVELS = $clog2(INPUTS);
  localparam int USED = (LEVELS + LEVELS_PER_STAGE - 1) / LEVELS_PER_STAGE;

  genvar l;
  generate
    if (LEVELS == 0) begin : single
      tomato_delay #(.BITS(LANES * BITS), .STAGES(STAGES)) rest (.clk, .value(values), .delayed(result));
    end else begin : tree
      for (l = 0; l < LEVELS; l = l + 1) begin : level
        localparam int BEFORE = (INPUTS + (1 << l) - 1) >> l;
        localparam int AFTER = (BEFORE + 1) / 2;
        localparam int REGISTERED = (l + 1) % LEVELS_PER_STAGE == 0 || l == LEVELS - 1 ? 1 : 0;
        localparam int PAIRS = BEFORE / 2;  // of a lane
        logic [LANES*BEFORE*BITS-1:0] operands;
        logic [LANES*AFTER*BITS-1:0] joined, out;
        logic signed [BITS-1:0] a, b;
        if (l == 0) begin : first
          assign operands = values;
        end else begin : later
          assign operands = level[l-1].out;
        end
        always_comb begin
          for (int n = 0; n < LANES * PAIRS; n = n + 1) begin
            a = operands[(n/PAIRS*BEFORE+2*(n%PAIRS))*BITS+:BITS];
            b = operands[(n/PAIRS*BEFORE+2*(n%PAIRS)+1)*BITS+:BITS];
            joined[(n/PAIRS*AFTER+n%PAIRS)*BITS+:BITS] = LARGEST == 0 ? a + b : a > b ? a : b;
          end
          if (AFTER > PAIRS) begin
            for (int o = 0; o < LANES; o = o + 1) begin
              joined[(o*AFTER+AFTER-1)*BITS+:BITS] = operands[(o*BEFORE+BEFORE-1)*BITS+:BITS];
            end
          end
        end
        tomato_delay #(.BITS(LANES * AFTER * BITS), .STAGES(REGISTERED)) register (.clk, .value(joined), .delayed(out));
      end
      tomato_delay #(.BITS(LANES * BITS), .STAGES(STAGES - USED)) rest (
          .clk, .value(level[LEVELS-1].out), .delayed(result)
      );
    end
  endgenerate
endmodule

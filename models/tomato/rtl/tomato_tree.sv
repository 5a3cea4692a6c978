// The sum (LARGEST = 0) or the largest of INPUTS values of two's complement, STAGES cycles later. A register stands
// behind every LEVELS_PER_STAGE levels and behind the last; stages beyond those delay the result.
module tomato_tree #(
    parameter int INPUTS = 4,
    parameter int BITS = 8,
    parameter int LEVELS_PER_STAGE = 1,
    parameter int STAGES = 2,
    parameter int LARGEST = 0
) (
    input  logic clk,
    input  logic [INPUTS*BITS-1:0] values,
    output logic [BITS-1:0] result
);
  localparam int LEVELS = $clog2(INPUTS);
  localparam int USED = (LEVELS + LEVELS_PER_STAGE - 1) / LEVELS_PER_STAGE;

  genvar l, n;
  generate
    if (LEVELS == 0) begin : single
      tomato_delay #(.BITS(BITS), .STAGES(STAGES)) rest (.clk, .value(values), .delayed(result));
    end else begin : tree
      for (l = 0; l < LEVELS; l = l + 1) begin : level
        localparam int BEFORE = (INPUTS + (1 << l) - 1) >> l;
        localparam int AFTER = (BEFORE + 1) / 2;
        localparam int REGISTERED = (l + 1) % LEVELS_PER_STAGE == 0 || l == LEVELS - 1 ? 1 : 0;
        logic [BEFORE*BITS-1:0] operands;
        logic [AFTER*BITS-1:0] joined, out;
        if (l == 0) begin : first
          assign operands = values;
        end else begin : later
          assign operands = level[l-1].out;
        end
        for (n = 0; n < AFTER; n = n + 1) begin : node
          if (2 * n + 1 == BEFORE) begin : alone
            assign joined[n*BITS+:BITS] = operands[2*n*BITS+:BITS];
          end else begin : pair
            logic signed [BITS-1:0] a, b;
            assign a = operands[2*n*BITS+:BITS];
            assign b = operands[(2*n+1)*BITS+:BITS];
            if (LARGEST != 0) begin : larger
              assign joined[n*BITS+:BITS] = a > b ? a : b;
            end else begin : sum
              assign joined[n*BITS+:BITS] = a + b;
            end
          end
        end
        tomato_delay #(.BITS(AFTER * BITS), .STAGES(REGISTERED)) register (.clk, .value(joined), .delayed(out));
      end
      tomato_delay #(.BITS(BITS), .STAGES(STAGES - USED)) rest (
          .clk, .value(level[LEVELS-1].out), .delayed(result)
      );
    end
  endgenerate
endmodule

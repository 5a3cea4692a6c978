// One value of a requantisation (contract, section 6): t = value * scale + offset * 2^OFFSET_SHIFT, the number
// t * 2^-SHIFT in the output's units, rounded and clipped to the format, then the rectifier. REGISTERS stages: behind
// the product, the sum and the rounding; what is over delays the operands. HALVES: without DSP blocks the product is the
// longest path, so it comes in two halves of the scale's bits, which the sum joins.
module tomato_requantise_lane #(
    parameter int IN_BITS = 16,
    parameter int OUT_BITS = 8,
    parameter int FORMAT = 0,  // 0 two's complement, 1 shift and ternary, 2 binary
    parameter int FORMAT_BITS = 8,  // two's complement: width; shift: largest exponent
    parameter int SHIFT = 0,
    parameter int OFFSET_SHIFT = 0,
    parameter int ROUNDING = 1,  // 0 towards minus infinity, 1 nearest, halves up, 2 nearest, halves to even
    parameter int RECTIFY = 0,
    parameter int LIMIT = 0,     // with RECTIFY: there is a maximum
    parameter logic [39:0] MAXIMUM = '0,
    parameter int REGISTERS = 3,
    parameter int HALVES = 0
) (
    input  logic clk,
    input  logic signed [IN_BITS-1:0] value,
    input  logic signed [15:0] scale,
    input  logic signed [15:0] offset,
    output logic [OUT_BITS-1:0] result,
    output logic clipped  // the nearest number lay outside the format
);
  localparam int EXTRA = REGISTERS > 3 ? REGISTERS - 3 : 0;
  localparam int PRODUCT_BITS = IN_BITS + 16;
  localparam int OFFSET_BITS = OFFSET_SHIFT + 16;
  localparam int SUM_BITS = (PRODUCT_BITS > OFFSET_BITS ? PRODUCT_BITS : OFFSET_BITS) + 1;
  localparam int MANTISSA_BITS = OUT_BITS > 40 ? OUT_BITS : 41;

  logic signed [IN_BITS-1:0] v;
  logic signed [15:0] factor, offset_0;
  logic signed [SUM_BITS-1:0] sum_0, sum;
  logic signed [MANTISSA_BITS-1:0] coded, rectified;

  tomato_delay #(.BITS(IN_BITS + 32), .STAGES(EXTRA)) operands (
      .clk, .value({value, scale, offset}), .delayed({v, factor, offset_0})
  );
  generate
    if (HALVES != 0) begin : halves
      logic signed [8:0] low_factor;
      logic signed [7:0] high_factor;
      logic signed [IN_BITS+8:0] low_0, low;
      logic signed [IN_BITS+7:0] high_0, high;
      logic signed [15:0] offset_1;
      assign low_factor = {1'b0, factor[7:0]};
      assign high_factor = factor[15:8];
      assign low_0 = v * low_factor;
      assign high_0 = v * high_factor;
      tomato_delay #(.BITS(2 * IN_BITS + 33), .STAGES(REGISTERS > 0 ? 1 : 0)) products (
          .clk, .value({low_0, high_0, offset_0}), .delayed({low, high, offset_1})
      );
      assign sum_0 = SUM_BITS'(low) + (SUM_BITS'(high) <<< 8) + (SUM_BITS'(offset_1) <<< OFFSET_SHIFT);
    end else begin : whole
      logic signed [PRODUCT_BITS-1:0] product_0, product;
      logic signed [15:0] offset_1;
      assign product_0 = v * factor;
      tomato_delay #(.BITS(PRODUCT_BITS + 16), .STAGES(REGISTERS > 0 ? 1 : 0)) products (
          .clk, .value({product_0, offset_0}), .delayed({product, offset_1})
      );
      assign sum_0 = SUM_BITS'(product) + (SUM_BITS'(offset_1) <<< OFFSET_SHIFT);
    end
  endgenerate
  tomato_delay #(.BITS(SUM_BITS), .STAGES(REGISTERS > 1 ? 1 : 0)) sums (.clk, .value(sum_0), .delayed(sum));

  genvar e;
  generate
    if (FORMAT == 0) begin : two_complement
      localparam int WIDE_BITS = (SUM_BITS > FORMAT_BITS ? SUM_BITS : FORMAT_BITS) + 2;
      localparam logic signed [WIDE_BITS-1:0] HIGHEST = {{(WIDE_BITS - FORMAT_BITS + 1) {1'b0}}, {(FORMAT_BITS - 1) {1'b1}}};
      localparam logic signed [WIDE_BITS-1:0] LOWEST = ~HIGHEST;
      logic signed [WIDE_BITS-1:0] wide, rounded_0, rounded, kept;
      assign wide = WIDE_BITS'(sum);
      if (SHIFT == 0) begin : whole
        assign rounded_0 = wide;
      end else if (SHIFT >= WIDE_BITS) begin : far
        // Less than half a unit: only its sign can matter.
        logic unused_wide;
        assign unused_wide = &{1'b0, wide[WIDE_BITS-2:0]};
        assign rounded_0 = ROUNDING == 0 && wide[WIDE_BITS-1] ? '1 : '0;
      end else if (ROUNDING == 0) begin : down
        assign rounded_0 = wide >>> SHIFT;
      end else begin : nearest
        localparam logic signed [WIDE_BITS-1:0] HALF = {{(WIDE_BITS - 1) {1'b0}}, 1'b1} << (SHIFT - 1);
        logic signed [WIDE_BITS-1:0] raised, up;
        assign raised = wide + HALF;
        assign up = raised >>> SHIFT;
        assign rounded_0 = {up[WIDE_BITS-1:1], up[0] && !(ROUNDING == 2 && raised[SHIFT-1:0] == '0)};
      end
      tomato_delay #(.BITS(WIDE_BITS), .STAGES(REGISTERS > 2 ? 1 : 0)) rounding (
          .clk, .value(rounded_0), .delayed(rounded)
      );
      assign kept = rounded > HIGHEST ? HIGHEST : rounded < LOWEST ? LOWEST : rounded;
      assign clipped = kept != rounded;
      assign coded = MANTISSA_BITS'(kept);
    end else if (FORMAT == 1) begin : shift
      // reaches[e]: the magnitude rounds to 2^e at least; halfway between two powers to the larger one.
      localparam int WIDE_BITS = SUM_BITS + 1;
      logic [WIDE_BITS-1:0] twice;
      logic [FORMAT_BITS+1:0] reaches_0, reaches;
      logic negative;
      logic signed [MANTISSA_BITS-1:0] magnitude;
      assign twice = sum[SUM_BITS-1] ? {-sum, 1'b0} : {sum, 1'b0};
      for (e = 0; e <= FORMAT_BITS + 1; e = e + 1) begin : power
        if (e == 0 ? SHIFT >= WIDE_BITS : e - 1 + SHIFT + 2 > WIDE_BITS) begin : never
          assign reaches_0[e] = 1'b0;
        end else if (e == 0) begin : one
          assign reaches_0[e] = twice >= {{(WIDE_BITS - 1) {1'b0}}, 1'b1} << SHIFT && twice != '0;
        end else begin : higher
          assign reaches_0[e] = twice >= {{(WIDE_BITS - 2) {1'b0}}, 2'b11} << (e - 1 + SHIFT);
        end
      end
      tomato_delay #(.BITS(FORMAT_BITS + 3), .STAGES(REGISTERS > 2 ? 1 : 0)) rounding (
          .clk, .value({sum[SUM_BITS-1], reaches_0}), .delayed({negative, reaches})
      );
      for (e = 0; e < MANTISSA_BITS; e = e + 1) begin : bit_of
        if (e < FORMAT_BITS) begin : inner
          assign magnitude[e] = reaches[e] && !reaches[e+1];
        end else if (e == FORMAT_BITS) begin : highest
          assign magnitude[e] = reaches[e];
        end else begin : above
          assign magnitude[e] = 1'b0;
        end
      end
      assign clipped = reaches[FORMAT_BITS+1];
      assign coded = negative ? -magnitude : magnitude;
    end else begin : binary
      logic negative;
      logic unused_sum;
      assign unused_sum = &{1'b0, sum[SUM_BITS-2:0]};
      tomato_delay #(.BITS(1), .STAGES(REGISTERS > 2 ? 1 : 0)) rounding (
          .clk, .value(sum[SUM_BITS-1]), .delayed(negative)
      );
      assign clipped = 1'b0;
      assign coded = negative ? '1 : MANTISSA_BITS'(1);
    end
    if (RECTIFY == 0) begin : linear
      assign rectified = coded;
    end else begin : rectifier
      localparam logic signed [MANTISSA_BITS-1:0] HIGHEST = MANTISSA_BITS'(MAXIMUM);
      assign rectified = coded[MANTISSA_BITS-1] ? '0 : LIMIT != 0 && coded > HIGHEST ? HIGHEST : coded;
    end
    if (MANTISSA_BITS > OUT_BITS) begin : rest
      logic unused_mantissa;
      assign unused_mantissa = &{1'b0, rectified[MANTISSA_BITS-1:OUT_BITS]};
    end
  endgenerate
  assign result = rectified[OUT_BITS-1:0];
endmodule

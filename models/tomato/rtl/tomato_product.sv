// A weight times a value, MULTIPLY_STAGES cycles later. The weight is a code (models/common/number_format.h), the value
// a mantissa in two's complement; the product is exact in PRODUCT_BITS.
module tomato_product #(
    parameter int KIND = 0,  // 0 two's complement, 1 shift, 2 recentralised shift, 3 ternary, 4 binary
    parameter int WEIGHT_BITS = 8,
    parameter int VALUE_BITS = 8,
    parameter int PRODUCT_BITS = 16,
    parameter int PLACE = 0,            // recentralised: of the shift, the negative and the positive centre, in units
    parameter int NEGATIVE_CENTRE = 0,  // of the format
    parameter int POSITIVE_CENTRE = 0,
    parameter int STAGES = 1
) (
    input  logic clk,
    input  logic [WEIGHT_BITS-1:0] weight,
    input  logic signed [VALUE_BITS-1:0] value,
    output logic [PRODUCT_BITS-1:0] product
);
  // With two stages or more the operands are registered first.
  localparam int BEFORE = STAGES > 1 ? 1 : 0;

  logic [WEIGHT_BITS-1:0] w;
  logic signed [VALUE_BITS-1:0] v;
  logic signed [PRODUCT_BITS-1:0] wide, p;

  tomato_delay #(.BITS(WEIGHT_BITS + VALUE_BITS), .STAGES(BEFORE)) operands (
      .clk, .value({weight, value}), .delayed({w, v})
  );
  assign wide = PRODUCT_BITS'(v);

  generate
    if (KIND == 0) begin : fixed
      logic signed [WEIGHT_BITS-1:0] factor;
      logic signed [WEIGHT_BITS+VALUE_BITS-1:0] exact;
      logic signed [PRODUCT_BITS-1:0] unused_wide;
      assign unused_wide = wide;
      assign factor = w;
      assign exact = factor * v;
      assign p = PRODUCT_BITS'(exact);
    end else if (KIND == 1) begin : shift
      logic signed [PRODUCT_BITS-1:0] shifted;
      assign shifted = w[WEIGHT_BITS-2] ? wide <<< w[WEIGHT_BITS-3:0] : '0;
      assign p = w[WEIGHT_BITS-1] ? -shifted : shifted;
    end else if (KIND == 2) begin : recentralised
      // The upper bit is the component; s = -2 is the pruned weight.
      logic pruned;
      logic signed [PRODUCT_BITS-1:0] shifted, centre, part;
      assign pruned = w[WEIGHT_BITS-2] && !w[WEIGHT_BITS-3];
      assign shifted = w[WEIGHT_BITS-3] ? (wide <<< w[WEIGHT_BITS-4:0]) <<< PLACE : '0;
      assign part = w[WEIGHT_BITS-2] ? -shifted : shifted;
      assign centre = w[WEIGHT_BITS-1] ? wide <<< POSITIVE_CENTRE : -(wide <<< NEGATIVE_CENTRE);
      assign p = pruned ? '0 : centre + part;
    end else if (KIND == 3) begin : ternary
      assign p = !w[0] ? '0 : w[1] ? -wide : wide;
    end else begin : binary
      assign p = w[0] ? wide : -wide;
    end
  endgenerate

  tomato_delay #(.BITS(PRODUCT_BITS), .STAGES(STAGES - BEFORE)) products (.clk, .value(p), .delayed(product));
endmodule

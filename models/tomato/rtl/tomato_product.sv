// COUNT weights times a value each, STAGES cycles later. The weights are codes (models/common/number_format.h), the
// values mantissas in two's complement; products are exact in PRODUCT_BITS. The VALUES are met in turns: weight n meets
// value n % VALUES. Loops, not instances: simulators compile one body however many multipliers there are.
module tomato_product #(
    parameter int COUNT = 1,
    parameter int VALUES = 1,
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
    input  logic [COUNT*WEIGHT_BITS-1:0] weight,
    input  logic [VALUES*VALUE_BITS-1:0] value,
    output logic [COUNT*PRODUCT_BITS-1:0] product
);
  // With two stages or more the operands are registered first.
  localparam int BEFORE = STAGES > 1 ? 1 : 0;

  logic [COUNT*WEIGHT_BITS-1:0] weights;
  logic [VALUES*VALUE_BITS-1:0] values;
  logic [COUNT*PRODUCT_BITS-1:0] exact;

  tomato_delay #(.BITS(COUNT * WEIGHT_BITS), .STAGES(BEFORE)) weight_operands (
      .clk, .value(weight), .delayed(weights)
  );
  tomato_delay #(.BITS(VALUES * VALUE_BITS), .STAGES(BEFORE)) value_operands (
      .clk, .value(value), .delayed(values)
  );

  generate
    if (KIND == 0) begin : fixed
      logic signed [WEIGHT_BITS-1:0] factor;
      logic signed [VALUE_BITS-1:0] v;
      logic signed [WEIGHT_BITS+VALUE_BITS-1:0] p;
      always_comb begin
        for (int n = 0; n < COUNT; n = n + 1) begin
          factor = weights[n*WEIGHT_BITS+:WEIGHT_BITS];
          v = values[n%VALUES*VALUE_BITS+:VALUE_BITS];
          p = factor * v;
          exact[n*PRODUCT_BITS+:PRODUCT_BITS] = PRODUCT_BITS'(p);
        end
      end
    end else if (KIND == 1) begin : shift
      logic [WEIGHT_BITS-1:0] w;
      logic signed [PRODUCT_BITS-1:0] wide, shifted;
      always_comb begin
        for (int n = 0; n < COUNT; n = n + 1) begin
          w = weights[n*WEIGHT_BITS+:WEIGHT_BITS];
          wide = PRODUCT_BITS'($signed(values[n%VALUES*VALUE_BITS+:VALUE_BITS]));
          shifted = w[WEIGHT_BITS-2] ? wide <<< w[WEIGHT_BITS-3:0] : '0;
          exact[n*PRODUCT_BITS+:PRODUCT_BITS] = w[WEIGHT_BITS-1] ? -shifted : shifted;
        end
      end
    end else if (KIND == 2) begin : recentralised
      // The upper bit is the component; s = -2 is the pruned weight.
      logic pruned;
      logic [WEIGHT_BITS-1:0] w;
      logic signed [PRODUCT_BITS-1:0] wide, shifted, centre, part;
      always_comb begin
        for (int n = 0; n < COUNT; n = n + 1) begin
          w = weights[n*WEIGHT_BITS+:WEIGHT_BITS];
          wide = PRODUCT_BITS'($signed(values[n%VALUES*VALUE_BITS+:VALUE_BITS]));
          pruned = w[WEIGHT_BITS-2] && !w[WEIGHT_BITS-3];
          shifted = w[WEIGHT_BITS-3] ? (wide <<< w[WEIGHT_BITS-4:0]) <<< PLACE : '0;
          part = w[WEIGHT_BITS-2] ? -shifted : shifted;
          centre = w[WEIGHT_BITS-1] ? wide <<< POSITIVE_CENTRE : -(wide <<< NEGATIVE_CENTRE);
          exact[n*PRODUCT_BITS+:PRODUCT_BITS] = pruned ? '0 : centre + part;
        end
      end
    end else if (KIND == 3) begin : ternary
      logic [WEIGHT_BITS-1:0] w;
      logic signed [PRODUCT_BITS-1:0] wide;
      always_comb begin
        for (int n = 0; n < COUNT; n = n + 1) begin
          w = weights[n*WEIGHT_BITS+:WEIGHT_BITS];
          wide = PRODUCT_BITS'($signed(values[n%VALUES*VALUE_BITS+:VALUE_BITS]));
          exact[n*PRODUCT_BITS+:PRODUCT_BITS] = !w[0] ? '0 : w[1] ? -wide : wide;
        end
      end
    end else begin : binary
      logic [WEIGHT_BITS-1:0] w;
      logic signed [PRODUCT_BITS-1:0] wide;
      always_comb begin
        for (int n = 0; n < COUNT; n = n + 1) begin
          w = weights[n*WEIGHT_BITS+:WEIGHT_BITS];
          wide = PRODUCT_BITS'($signed(values[n%VALUES*VALUE_BITS+:VALUE_BITS]));
          exact[n*PRODUCT_BITS+:PRODUCT_BITS] = w[0] ? wide : -wide;
        end
      end
    end
  endgenerate

  tomato_delay #(.BITS(COUNT * PRODUCT_BITS), .STAGES(STAGES - BEFORE)) products (
      .clk, .value(exact), .delayed(product)
  );
endmodule

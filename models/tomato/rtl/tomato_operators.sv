// The arithmetic operators of the streaming datapath, combinational, for synthesis of the resource tables
// (scripts/operator-synthesis). WEIGHT_BITS and ACTIVATION_BITS are code widths; activations are two's complement;
// the codes are those of models/common/number_format.h.

module tomato_multiply_fixed #(
    parameter int WEIGHT_BITS = 8,
    parameter int ACTIVATION_BITS = 8
) (
    input  logic signed [WEIGHT_BITS-1:0] weight,
    input  logic signed [ACTIVATION_BITS-1:0] activation,
    output logic signed [WEIGHT_BITS+ACTIVATION_BITS-1:0] product
);
  assign product = weight * activation;
endmodule

// s * 2^e: the upper two bits are s (-1, 0, 1), the lower WEIGHT_BITS - 2 are e.
module tomato_multiply_shift #(
    parameter int WEIGHT_BITS = 5,
    parameter int ACTIVATION_BITS = 8,
    parameter int EXPONENT_BITS = WEIGHT_BITS - 2,
    parameter int PRODUCT_BITS = ACTIVATION_BITS + (1 << EXPONENT_BITS)
) (
    input  logic [WEIGHT_BITS-1:0] weight,
    input  logic signed [ACTIVATION_BITS-1:0] activation,
    output logic signed [PRODUCT_BITS-1:0] product
);
  logic signed [PRODUCT_BITS-1:0] extended, gated, shifted;
  assign extended = activation;
  assign gated = weight[EXPONENT_BITS] ? extended : '0;
  assign shifted = gated <<< weight[EXPONENT_BITS-1:0];
  assign product = weight[WEIGHT_BITS-1] ? -shifted : shifted;
endmodule

// A shift of WEIGHT_BITS - 1 bits plus the centre of its component (the highest bit), a power of two whose place
// relative to the shift's unit is CENTRE.
module tomato_multiply_recentralised_shift #(
    parameter int WEIGHT_BITS = 5,
    parameter int ACTIVATION_BITS = 8,
    parameter int CENTRE = 2,
    parameter int PRODUCT_BITS = ACTIVATION_BITS + (1 << (WEIGHT_BITS - 3)) + 1
) (
    input  logic [WEIGHT_BITS-1:0] weight,
    input  logic signed [ACTIVATION_BITS-1:0] activation,
    output logic signed [PRODUCT_BITS-1:0] product
);
  localparam int EXPONENT_BITS = WEIGHT_BITS - 3;
  logic pruned, negative;
  logic signed [PRODUCT_BITS-1:0] extended, gated, shifted, centre;
  logic [1:0] carries;
  // s = -2 is the pruned weight
  assign negative = weight[WEIGHT_BITS-2];
  assign pruned = negative && !weight[WEIGHT_BITS-3];
  assign extended = activation;
  assign gated = weight[WEIGHT_BITS-3] ? extended : '0;
  assign shifted = gated <<< weight[EXPONENT_BITS-1:0];
  assign centre = pruned ? '0 : extended <<< CENTRE;
  // negation is inversion plus a carry
  assign carries = {1'b0, !weight[WEIGHT_BITS-1] && !pruned} + {1'b0, negative && !pruned};
  assign product = (weight[WEIGHT_BITS-1] || pruned ? centre : ~centre) + (negative && !pruned ? ~shifted : shifted)
      + carries;
endmodule

module tomato_multiply_ternary #(
    parameter int WEIGHT_BITS = 2,
    parameter int ACTIVATION_BITS = 8
) (
    input  logic [WEIGHT_BITS-1:0] weight,
    input  logic signed [ACTIVATION_BITS-1:0] activation,
    output logic signed [ACTIVATION_BITS:0] product
);
  logic signed [ACTIVATION_BITS:0] gated, extended;
  assign extended = activation;
  assign gated = weight[0] ? extended : '0;
  assign product = weight[WEIGHT_BITS-1] ? -gated : gated;
endmodule

module tomato_multiply_binary #(
    parameter int WEIGHT_BITS = 1,
    parameter int ACTIVATION_BITS = 8
) (
    input  logic [WEIGHT_BITS-1:0] weight,
    input  logic signed [ACTIVATION_BITS-1:0] activation,
    output logic signed [ACTIVATION_BITS:0] product
);
  logic signed [ACTIVATION_BITS:0] extended;
  assign extended = activation;
  assign product = weight[0] ? extended : -extended;
endmodule

// One node of an adder tree, or the adder of an accumulator.
module tomato_operator_add #(
    parameter int BITS = 16
) (
    input  logic signed [BITS-1:0] a,
    input  logic signed [BITS-1:0] b,
    output logic signed [BITS:0] sum
);
  assign sum = a + b;
endmodule

// The larger of two (max pooling, ReLU).
module tomato_operator_maximum #(
    parameter int BITS = 8
) (
    input  logic signed [BITS-1:0] a,
    input  logic signed [BITS-1:0] b,
    output logic signed [BITS-1:0] larger
);
  assign larger = a > b ? a : b;
endmodule

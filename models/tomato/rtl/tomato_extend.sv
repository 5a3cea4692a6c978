// Each of COUNT values in two's complement, wider or narrower; the numbers fit both widths.
module tomato_extend #(
    parameter int COUNT = 1,
    parameter int FROM_BITS = 8,
    parameter int TO_BITS = 8
) (
    input  logic [COUNT*FROM_BITS-1:0] from,
    output logic [COUNT*TO_BITS-1:0] to
);
  genvar i;
  generate
    for (i = 0; i < COUNT; i = i + 1) begin : value
      logic signed [FROM_BITS-1:0] number;
      assign number = from[i*FROM_BITS+:FROM_BITS];
      assign to[i*TO_BITS+:TO_BITS] = TO_BITS'(number);
    end
  endgenerate
endmodule

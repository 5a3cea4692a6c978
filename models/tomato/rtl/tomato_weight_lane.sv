// What one multiplier reads of a memory of words that hold a weight for each of them.
module tomato_weight_lane #(
    parameter int WORD_BITS = 8,
    parameter int WORDS = 1,
    parameter int FROM = 0,
    parameter int BITS = 8,
    parameter int ADDRESS_BITS = 1,
    parameter FILE = "weights.hex"
) (
    input  logic [ADDRESS_BITS-1:0] address,
    output logic [BITS-1:0] weight
);
  logic [WORD_BITS-1:0] weights[0:WORDS-1];
  logic [WORD_BITS-1:0] word;
  initial $readmemh(FILE, weights);
  assign word = weights[address];
  assign weight = word[FROM+:BITS];
  generate
    if (FROM > 0) begin : below
      logic unused_below;
      assign unused_below = &{1'b0, word[FROM-1:0]};
    end
    if (FROM + BITS < WORD_BITS) begin : above
      logic unused_above;
      assign unused_above = &{1'b0, word[WORD_BITS-1:FROM+BITS]};
    end
  endgenerate
endmodule

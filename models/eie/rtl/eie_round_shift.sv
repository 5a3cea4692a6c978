// result = value / 2^shift, rounded. ROUNDING: 0 truncates (floor), 1 nearest with halves up, 2 nearest with halves
// to even. The caller leaves headroom: value + 2^(shift - 1) must not overflow WIDTH bits. Combinational.
module eie_round_shift #(
    parameter int unsigned WIDTH = 32,
    parameter int unsigned ROUNDING = 1
) (
    input  logic signed [WIDTH-1:0] value,
    input  logic [5:0]              shift,
    output logic signed [WIDTH-1:0] result
);

  generate
    if (ROUNDING == 0) begin : g_truncate
      assign result = value >>> shift;
    end else begin : g_nearest
      logic signed [WIDTH-1:0] half;
      logic signed [WIDTH-1:0] biased;
      logic signed [WIDTH-1:0] shifted;
      assign half = $signed((WIDTH'(1) << shift) >> 1);  // 0 when shift is 0
      assign biased = value + half;
      assign shifted = biased >>> shift;
      if (ROUNDING == 1) begin : g_up
        assign result = shifted;
      end else begin : g_even
        logic [WIDTH-1:0] below;
        logic tie;
        assign below = (WIDTH'(1) << shift) - WIDTH'(1);
        assign tie = (shift != '0) & ((biased & $signed(below)) == '0);
        assign result = {shifted[WIDTH-1:1], shifted[0] & ~tie};
      end
    end
  endgenerate

endmodule

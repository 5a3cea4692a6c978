// One of COUNT values: two-to-one multiplexers, a level for each bit of the index. (A part select of index * BITS would be a
// shifter by any number of bits where BITS is no power of two.)
module tomato_select #(
    parameter int COUNT = 2,
    parameter int BITS = 8,
    parameter int INDEX_BITS = 1  // at least enough for COUNT
) (
    input  logic [COUNT*BITS-1:0] values,
    input  logic [INDEX_BITS-1:0] index,
    output logic [BITS-1:0] value
);
  localparam int LEVELS = $clog2(COUNT);
  genvar l;
  generate
    for (l = 0; l < LEVELS; l = l + 1) begin : level
      localparam int BEFORE = (COUNT + (1 << l) - 1) >> l;
      localparam int PAIRS = BEFORE / 2;
      localparam int AFTER = BEFORE - PAIRS;
      logic [BEFORE*BITS-1:0] from;
      logic [AFTER*BITS-1:0] chosen;
      if (l == 0) begin : first
        assign from = values;
      end else begin : later
        assign from = level[l-1].chosen;
      end
      always_comb begin
        for (int n = 0; n < PAIRS; n = n + 1) begin
          chosen[n*BITS+:BITS] = index[l] ? from[(2*n+1)*BITS+:BITS] : from[2*n*BITS+:BITS];
        end
        if (AFTER > PAIRS) chosen[(AFTER-1)*BITS+:BITS] = from[(BEFORE-1)*BITS+:BITS];
      end
    end
    if (LEVELS == 0) begin : only
      assign value = values;
    end else begin : some
      assign value = level[LEVELS-1].chosen;
    end
    if (INDEX_BITS > LEVELS) begin : longer
      logic unused_index;
      assign unused_index = &{1'b0, index[INDEX_BITS-1:LEVELS]};
    end
  endgenerate
endmodule

// One of COUNT values.
module tomato_select #(
    parameter int COUNT = 2,
    parameter int BITS = 8,
    parameter int INDEX_BITS = 1
) (
    input  logic [COUNT*BITS-1:0] values,
    input  logic [INDEX_BITS-1:0] index,
    output logic [BITS-1:0] value
);
  generate
    if (COUNT == 1) begin : only
      logic unused_index;
      assign unused_index = &{1'b0, index};
      assign value = values;
    end else begin : some
      assign value = values[index*BITS+:BITS];
    end
  endgenerate
endmodule

// The values of a token without those of lanes that the last group leaves idle.
module tomato_lanes #(
    parameter int USED = 8,
    parameter int BITS = 8
) (
    input  logic [BITS-1:0] values,
    output logic [USED-1:0] used
);
  assign used = values[USED-1:0];
  generate
    if (BITS > USED) begin : rest
      logic unused_lanes;
      assign unused_lanes = &{1'b0, values[BITS-1:USED]};
    end
  endgenerate
endmodule

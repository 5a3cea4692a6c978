// The pipeline's entrance: AXI4-Stream, a pixel a transfer, each channel's mantissa in two's complement, lowest
// channel first, padded to whole bytes.
module tomato_source #(
    parameter int CHANNELS = 1,
    parameter int BITS = 8,
    parameter int BYTES = 1  // of a channel
) (
    input  logic s_axis_tvalid,
    output logic s_axis_tready,
    input  logic [CHANNELS*BYTES*8-1:0] s_axis_tdata,
    input  logic out_full,
    output logic [CHANNELS*BITS-1:0] out_data,
    output logic out_push,
    output logic out_offers
);
  assign s_axis_tready = !out_full;
  assign out_push = s_axis_tvalid && !out_full;
  assign out_offers = s_axis_tvalid;
  genvar c;
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : channel
      tomato_lanes #(.USED(BITS), .BITS(BYTES * 8)) padding (
          .values(s_axis_tdata[c*BYTES*8+:BYTES*8]), .used(out_data[c*BITS+:BITS])
      );
    end
  endgenerate
endmodule

// Destination registers (accumulators) of one PE: one operand read with write-through, one write, and the read side
// with output conversion and ReLU for stores and I/O mode. A clear sets all registers to zero in one cycle.
module eie_destination_file #(
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned ACCUMULATOR_WIDTH = 16,
    parameter int unsigned ENTRIES = 64,
    parameter int unsigned LANES = 4,
    parameter int unsigned ROUNDING = 1,
    localparam int unsigned ADDRESS_WIDTH = (ENTRIES > 1) ? $clog2(ENTRIES) : 1
) (
    input  logic                              clk,
    input  logic                              clear,
    input  logic                              read,
    input  logic [ADDRESS_WIDTH-1:0]          read_address,
    output logic [ACCUMULATOR_WIDTH-1:0]      read_data,
    input  logic                              write,
    input  logic [ADDRESS_WIDTH-1:0]          write_address,
    input  logic [ACCUMULATOR_WIDTH-1:0]      write_data,
    input  logic                              convert,
    input  logic [ADDRESS_WIDTH-1:0]          convert_base,  // first of LANES registers
    input  logic signed [6:0]                 convert_shift,
    input  logic                              relu,
    output logic [LANES*ACTIVATION_WIDTH-1:0] converted
);

  logic [ACCUMULATOR_WIDTH-1:0] entries[0:ENTRIES-1];
  logic [ENTRIES-1:0] written;  // registers not written since the clear read as zero

  always_comb begin
    if (!read) read_data = '0;
    else if (write & (write_address == read_address)) read_data = write_data;
    else if (written[read_address]) read_data = entries[read_address];
    else read_data = '0;
  end

  always_ff @(posedge clk) begin
    if (write) entries[write_address] <= write_data;
    if (clear) written <= '0;
    else if (write) written[write_address] <= 1'b1;
  end

  generate
    for (genvar i = 0; i < LANES; i++) begin : g_lane
      logic [ADDRESS_WIDTH-1:0] address;
      logic [ACCUMULATOR_WIDTH-1:0] accumulator;
      assign address = convert_base + ADDRESS_WIDTH'(i);
      assign accumulator = (convert & written[address]) ? entries[address] : '0;
      eie_output_convert #(
          .ACCUMULATOR_WIDTH(ACCUMULATOR_WIDTH),
          .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
          .ROUNDING(ROUNDING)
      ) output_convert (
          .accumulator(accumulator),
          .shift(convert_shift),
          .relu(relu),
          .result(converted[i*ACTIVATION_WIDTH+:ACTIVATION_WIDTH])
      );
    end
  endgenerate

endmodule

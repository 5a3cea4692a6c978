// A memory with one synchronous write port and one read port that answers within the cycle. Stands for the SRAM
// macros of a PE; a read that is not enabled returns zero and costs nothing.
module eie_memory #(
    parameter int unsigned WIDTH = 64,
    parameter int unsigned DEPTH = 256,
    localparam int unsigned ADDRESS_WIDTH = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  logic                     clk,
    input  logic                     write,
    input  logic [ADDRESS_WIDTH-1:0] write_address,
    input  logic [WIDTH-1:0]         write_data,
    input  logic                     read,
    input  logic [ADDRESS_WIDTH-1:0] read_address,
    output logic [WIDTH-1:0]         read_data
);

  logic [WIDTH-1:0] words[0:DEPTH-1];

  always_ff @(posedge clk) begin
    if (write) words[write_address] <= write_data;
  end

  assign read_data = read ? words[read_address] : '0;

endmodule

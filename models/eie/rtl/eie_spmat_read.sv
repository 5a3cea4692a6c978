// Sparse-matrix read of one PE: delivers one (code, z) a cycle. A row is read from the SRAM only when it differs from
// the row read last; that row stays in a buffer.
module eie_spmat_read #(
    parameter int unsigned ENTRIES_PER_ROW = 8,
    parameter int unsigned CODE_BITS = 4,
    parameter int unsigned INDEX_BITS = 4,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned ROW_WIDTH = 13,
    parameter int unsigned ROWS = 16384,
    localparam int unsigned SLOT_WIDTH = (ENTRIES_PER_ROW > 1) ? $clog2(ENTRIES_PER_ROW) : 1,
    localparam int unsigned ENTRY_WIDTH = CODE_BITS + INDEX_BITS,
    localparam int unsigned WORD_WIDTH = ENTRIES_PER_ROW * ENTRY_WIDTH,
    localparam int unsigned ADDRESS_WIDTH = (ROWS > 1) ? $clog2(ROWS) : 1
) (
    input  logic                        clk,
    input  logic                        clear,
    input  logic                        hold,
    // I/O mode
    input  logic                        io_write,
    input  logic [ADDRESS_WIDTH-1:0]    io_address,
    input  logic [WORD_WIDTH-1:0]       io_data,
    // pointer read
    input  logic                        issue,
    input  logic [ROW_WIDTH-1:0]        issue_row,
    input  logic [SLOT_WIDTH-1:0]       issue_slot,
    input  logic [ACTIVATION_WIDTH-1:0] issue_value,
    input  logic                        issue_first,
    // arithmetic unit
    output logic                        valid,
    output logic [CODE_BITS-1:0]        code,
    output logic [INDEX_BITS-1:0]       zeros,
    output logic [ACTIVATION_WIDTH-1:0] value,
    output logic                        first,
    // events
    output logic                        row_read,
    output logic                        row_reuse
);

  logic [ROW_WIDTH-1:0] row;
  logic [SLOT_WIDTH-1:0] slot;
  logic buffer_valid;
  logic [ROW_WIDTH-1:0] buffer_row;
  logic [WORD_WIDTH-1:0] buffer;

  logic in_buffer;
  logic read;
  logic [WORD_WIDTH-1:0] sram_word;
  logic [WORD_WIDTH-1:0] word;
  logic [ENTRY_WIDTH-1:0] entry;

  assign in_buffer = buffer_valid & (buffer_row == row);
  assign read = valid & ~in_buffer;
  assign row_read = read & ~hold;
  assign row_reuse = valid & in_buffer & ~hold;

  eie_memory #(.WIDTH(WORD_WIDTH), .DEPTH(ROWS)) sram (
      .clk(clk),
      .write(io_write),
      .write_address(io_address),
      .write_data(io_data),
      .read(read),
      .read_address(ADDRESS_WIDTH'(row)),
      .read_data(sram_word)
  );

  assign word = in_buffer ? buffer : sram_word;
  assign entry = word[slot*ENTRY_WIDTH+:ENTRY_WIDTH];
  assign {zeros, code} = entry;

  always_ff @(posedge clk) begin
    if (clear) begin
      valid <= 1'b0;
      buffer_valid <= 1'b0;
    end else if (!hold) begin
      valid <= issue;
      if (issue) begin
        row <= issue_row;
        slot <= issue_slot;
        value <= issue_value;
        first <= issue_first;
      end
      if (read) begin
        buffer_valid <= 1'b1;
        buffer_row <= row;
        buffer <= sram_word;
      end
    end
  end

endmodule

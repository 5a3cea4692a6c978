// The control of the sliding window (contract, section 4): no data. Two tables that the generator computes say, for each
// row and column of windows, which pixels the next window needs and up to which pixel all are dead once the windows
// before it have been pushed. Pixels are counted from the first of the frame whose windows are being pushed. A window
// without a tap in the map needs no pixel. What the next window needs is looked up and added while the one before it
// waits, so that both halves compare registers.
//
// A row's word, lowest first: pixels before its windows' last row (PIXEL_BITS), pixels before its first row
// (PIXEL_BITS), first pixel that the windows behind the row read (PIXEL_BITS + 1), whether dead pixels end within the
// row (1), whether the row has a tap in the map (1). A column's word: number of the last pixel that its windows read in
// a row, plus 1 (PIXEL_BITS), of the first that those from it on read (PIXEL_BITS), whether the windows from it on read
// any (1), whether it has a tap in the map (1).
module tomato_window_control #(
    parameter int PIXELS = 16,  // of a frame
    parameter int ROWS = 4,     // of windows
    parameter int COLUMNS = 4,
    parameter int BUFFER = 12,  // pixels that the contract's line buffers hold
    parameter int PIXEL_BITS = 6,
    parameter int READS_NOTHING = 0,  // no window has a tap in the map
    parameter int FIRST_READS = 1,    // of the very first window: whether it has one,
    parameter int FIRST_NEEDED = 1,   // pixels needed,
    parameter int FIRST_DEAD = 0,     // and dead
    parameter int ROW_BITS = 1,
    parameter int COLUMN_BITS = 1,
    parameter ROW_TABLE = "rows.hex",
    parameter COLUMN_TABLE = "columns.hex"
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    output logic in_pop,
    input  logic out_full,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers,  // has a token for the output
    output logic [ROW_BITS-1:0] row,  // of the next window
    output logic [COLUMN_BITS-1:0] column,
    output logic last_window  // of a frame
);
  localparam int ROW_WORD = 3 * PIXEL_BITS + 3;
  localparam int COLUMN_WORD = 2 * PIXEL_BITS + 2;
  localparam int COUNT_BITS = PIXEL_BITS + 2;
  localparam int WINDOWS = ROWS * COLUMNS;

  // The window behind the next one.
  logic [ROW_WORD-1:0] row_table[0:ROWS-1];
  logic [COLUMN_WORD-1:0] column_table[0:COLUMNS-1];
  initial begin
    $readmemh(ROW_TABLE, row_table);
    $readmemh(COLUMN_TABLE, column_table);
  end
  logic [ROW_BITS-1:0] row_behind;
  logic [COLUMN_BITS-1:0] column_behind;
  logic [PIXEL_BITS-1:0] row_needs, row_first, column_needs, column_first;
  logic [PIXEL_BITS:0] next_first;
  logic row_reads, column_reads, row_has, column_has, last_column, last_row;
  logic signed [COUNT_BITS-1:0] dead_behind;
  assign {row_has, row_reads, next_first, row_first, row_needs} = row_table[row_behind];
  assign {column_has, column_reads, column_first, column_needs} = column_table[column_behind];
  assign last_column = column_behind == COLUMN_BITS'(COLUMNS - 1);
  assign last_row = row_behind == ROW_BITS'(ROWS - 1);
  assign dead_behind = row_reads && column_reads ? COUNT_BITS'(row_first) + COUNT_BITS'(column_first)
                                                 : COUNT_BITS'(next_first);

  // Pixels accepted, from the frame's first on; below zero when the windows have gone on to the next frame earlier.
  logic signed [COUNT_BITS-1:0] accepted, next_accepted, needed, limit;
  logic reads, complete, room;
  assign complete = !reads || accepted >= needed;
  assign room = READS_NOTHING != 0 || accepted < limit;
  assign out_push = complete && !out_full;
  assign out_offers = complete;
  assign in_waits = 1'b1;
  assign in_pop = !in_empty && room;
  assign next_accepted = in_pop ? accepted + 1'b1 : accepted;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      row_behind <= ROW_BITS'(COLUMNS > 1 || ROWS == 1 ? 0 : 1);
      column_behind <= COLUMN_BITS'(COLUMNS > 1 ? 1 : 0);
      row <= '0;
      column <= '0;
      last_window <= WINDOWS == 1;
      reads <= FIRST_READS != 0;
      needed <= COUNT_BITS'(FIRST_NEEDED);
      limit <= COUNT_BITS'(FIRST_DEAD + BUFFER);
      accepted <= '0;
    end else begin
      accepted <= out_push && last_window ? next_accepted - COUNT_BITS'(PIXELS) : next_accepted;
      if (out_push) begin
        column_behind <= last_column ? '0 : column_behind + 1'b1;
        if (last_column) row_behind <= last_row ? '0 : row_behind + 1'b1;
        row <= row_behind;
        column <= column_behind;
        last_window <= last_column && last_row;
        reads <= row_has && column_has;
        needed <= COUNT_BITS'(row_needs) + COUNT_BITS'(column_needs);
        limit <= dead_behind + COUNT_BITS'(BUFFER);
      end
    end
  end
endmodule

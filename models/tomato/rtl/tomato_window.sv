// The sliding window (contract, section 4). Two tables that the generator computes say, for each row and column of
// windows, which pixels the next window needs, up to which pixel all are dead once the windows before it have been
// pushed, which taps lie in the padding, and where the taps lie in the line buffers. Pixels are counted from the
// first of the frame whose windows are being pushed. A window without a tap in the map needs no pixel.
//
// Line buffers: LINES rows, a ring; each row in KERNEL_WIDTH banks by column, so that a window's taps come from as
// many memories.
//
// A row's word, lowest first: pixels before its windows' last row (PIXEL_BITS), pixels before its first row
// (PIXEL_BITS), first pixel that the windows behind the row read (PIXEL_BITS + 1), ring line of its first tap, from
// the frame's first line (LINE_BITS), taps inside the map by row (KERNEL_HEIGHT), whether dead pixels end within the
// row (1). A column's word: number of the last pixel that its windows read in a row, plus 1 (PIXEL_BITS), of the
// first that those from it on read (PIXEL_BITS), bank of its first tap (BANK_BITS), address of its taps in the banks
// below that one (ADDRESS_BITS), taps inside the map by column (KERNEL_WIDTH), whether the windows from it on read
// any (1).
module tomato_window #(
    parameter int HEIGHT = 4,
    parameter int WIDTH = 4,
    parameter int PIXEL = 8,  // bits of one
    parameter int KERNEL_HEIGHT = 3,
    parameter int KERNEL_WIDTH = 3,
    parameter int ROWS = 4,  // of windows
    parameter int COLUMNS = 4,
    parameter int BUFFER = 12,  // pixels that the contract's line buffers hold
    parameter int LINES = 4,
    parameter int PIXEL_BITS = 6,
    parameter int LINE_BITS = 2,
    parameter int BANK_BITS = 2,
    parameter int ADDRESS_BITS = 1,
    parameter int READS_NOTHING = 0,  // no window has a tap in the map
    parameter logic [PIXEL-1:0] PADDING = '0,
    parameter ROW_TABLE = "rows.hex",
    parameter COLUMN_TABLE = "columns.hex"
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [PIXEL-1:0] in_data,
    output logic in_pop,
    input  logic out_full,
    output logic [KERNEL_HEIGHT*KERNEL_WIDTH*PIXEL-1:0] out_data,
    output logic out_push,
    output logic in_waits,    // would take a token now
    output logic out_offers   // has a token for the output
);
  localparam int ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  localparam int COLUMN_BITS = COLUMNS > 1 ? $clog2(COLUMNS) : 1;
  localparam int ROW_WORD = 3 * PIXEL_BITS + 1 + LINE_BITS + KERNEL_HEIGHT + 1;
  localparam int COLUMN_WORD = 2 * PIXEL_BITS + BANK_BITS + ADDRESS_BITS + KERNEL_WIDTH + 1;
  localparam int BANK_WORDS = (WIDTH + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
  localparam int COUNT_BITS = PIXEL_BITS + 2;
  localparam int X_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;

  // Emit: the next window.
  logic [ROW_WORD-1:0] row_table[0:ROWS-1];
  logic [COLUMN_WORD-1:0] column_table[0:COLUMNS-1];
  initial begin
    $readmemh(ROW_TABLE, row_table);
    $readmemh(COLUMN_TABLE, column_table);
  end
  logic [ROW_BITS-1:0] row;
  logic [COLUMN_BITS-1:0] column;
  logic [LINE_BITS-1:0] frame_line;  // ring line of the frame's first
  logic last_column, last_row;
  logic [PIXEL_BITS-1:0] row_needs, row_first, column_needs, column_first;
  logic [PIXEL_BITS:0] next_first;
  logic [LINE_BITS-1:0] row_line;
  logic [KERNEL_HEIGHT-1:0] rows_inside;
  logic [KERNEL_WIDTH-1:0] columns_inside;
  logic row_reads, column_reads;
  logic [BANK_BITS-1:0] first_bank;
  logic [ADDRESS_BITS-1:0] address;
  assign {row_reads, rows_inside, row_line, next_first, row_first, row_needs} = row_table[row];
  assign {column_reads, columns_inside, address, first_bank, column_first, column_needs} = column_table[column];
  assign last_column = column == COLUMN_BITS'(COLUMNS - 1);
  assign last_row = row == ROW_BITS'(ROWS - 1);

  // Pixels accepted, from the frame's first on; below zero when the windows have gone on to the next frame earlier.
  logic signed [COUNT_BITS-1:0] accepted, next_accepted, needed, dead;
  logic reads, complete, room;
  assign reads = rows_inside != '0 && columns_inside != '0;
  assign needed = COUNT_BITS'(row_needs) + COUNT_BITS'(column_needs);
  assign complete = !reads || accepted >= needed;
  assign dead = row_reads && column_reads ? COUNT_BITS'(row_first) + COUNT_BITS'(column_first)
                                          : COUNT_BITS'(next_first);
  assign room = READS_NOTHING != 0 || accepted < dead + COUNT_BITS'(BUFFER);
  assign out_push = complete && !out_full;
  assign out_offers = complete;
  assign in_waits = 1'b1;
  assign in_pop = !in_empty && room;
  assign next_accepted = in_pop ? accepted + 1'b1 : accepted;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      row <= '0;
      column <= '0;
      accepted <= '0;
      frame_line <= '0;
    end else begin
      accepted <= out_push && last_column && last_row ? next_accepted - COUNT_BITS'(HEIGHT * WIDTH) : next_accepted;
      if (out_push) begin
        column <= last_column ? '0 : column + 1'b1;
        if (last_column) row <= last_row ? '0 : row + 1'b1;
        if (last_column && last_row) frame_line <= ring(frame_line, LINE_BITS'(HEIGHT % LINES));
      end
    end
  end

  function automatic [LINE_BITS-1:0] ring(input [LINE_BITS-1:0] line, input [LINE_BITS-1:0] further);
    logic [LINE_BITS:0] sum;
    sum = {1'b0, line} + {1'b0, further};
    ring = sum >= (LINE_BITS + 1)'(LINES) ? LINE_BITS'(sum - (LINE_BITS + 1)'(LINES)) : sum[LINE_BITS-1:0];
  endfunction

  // Accept: where the next pixel goes.
  logic [X_BITS-1:0] x;
  logic [LINE_BITS-1:0] line;
  logic [BANK_BITS-1:0] bank;
  logic [ADDRESS_BITS-1:0] word;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      x <= '0;
      line <= '0;
      bank <= '0;
      word <= '0;
    end else if (in_pop) begin
      if (x == X_BITS'(WIDTH - 1)) begin
        x <= '0;
        bank <= '0;
        word <= '0;
        line <= ring(line, LINE_BITS'(LINES > 1 ? 1 : 0));
      end else begin
        x <= x + 1'b1;
        bank <= bank == BANK_BITS'(KERNEL_WIDTH - 1) ? '0 : bank + 1'b1;
        if (bank == BANK_BITS'(KERNEL_WIDTH - 1)) word <= word + 1'b1;
      end
    end
  end

  // Banks of the lines; then a window's lines, then its columns in order.
  logic [LINES*KERNEL_WIDTH*PIXEL-1:0] stored;
  logic [LINE_BITS-1:0] first_line;
  assign first_line = ring(frame_line, row_line);
  genvar l, b, i, j;
  generate
    for (b = 0; b < KERNEL_WIDTH; b = b + 1) begin : bank_of
      logic [ADDRESS_BITS-1:0] read_at;
      if (BANK_WORDS == 1) begin : short
        logic unused_address;
        assign unused_address = &{1'b0, address};
        assign read_at = '0;
      end else begin : long
        logic below;
        logic [BANK_BITS-1:0] unused_difference;
        assign {below, unused_difference} = (BANK_BITS + 1)'(b) - {1'b0, first_bank};
        assign read_at = below ? address : address - 1'b1;
      end
      for (l = 0; l < LINES; l = l + 1) begin : line_of
        logic [PIXEL-1:0] pixels[0:BANK_WORDS-1];
        always_ff @(posedge clk) begin
          if (in_pop && line == LINE_BITS'(l) && bank == BANK_BITS'(b)) pixels[word] <= in_data;
        end
        assign stored[(l*KERNEL_WIDTH+b)*PIXEL+:PIXEL] = pixels[read_at];
      end
    end
    for (i = 0; i < KERNEL_HEIGHT; i = i + 1) begin : tap_row
      logic [KERNEL_WIDTH*PIXEL-1:0] banks;
      tomato_select #(.COUNT(LINES), .BITS(KERNEL_WIDTH * PIXEL), .INDEX_BITS(LINE_BITS)) select_line (
          .values(stored), .index(ring(first_line, LINE_BITS'(i))), .value(banks)
      );
      for (j = 0; j < KERNEL_WIDTH; j = j + 1) begin : tap
        logic [BANK_BITS:0] sum;
        logic [BANK_BITS-1:0] bank_of_tap;
        logic [PIXEL-1:0] pixel;
        assign sum = {1'b0, first_bank} + (BANK_BITS + 1)'(j);
        assign bank_of_tap = sum >= (BANK_BITS + 1)'(KERNEL_WIDTH) ? BANK_BITS'(sum - (BANK_BITS + 1)'(KERNEL_WIDTH))
                                                                   : sum[BANK_BITS-1:0];
        tomato_select #(.COUNT(KERNEL_WIDTH), .BITS(PIXEL), .INDEX_BITS(BANK_BITS)) select_column (
            .values(banks), .index(bank_of_tap), .value(pixel)
        );
        assign out_data[(i*KERNEL_WIDTH+j)*PIXEL+:PIXEL] = rows_inside[i] && columns_inside[j] ? pixel : PADDING;
      end
    end
  endgenerate
endmodule

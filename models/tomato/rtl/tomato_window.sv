// The sliding window (contract, section 4) that hands over whole windows. Its control is tomato_window_control; two more
// tables say, for each row and column of windows, which taps lie in the padding and where the taps lie in the line
// buffers.
//
// Line buffers: LINES rows, a ring; each row in KERNEL_WIDTH banks by column, so that a window's taps come from as
// many memories.
//
// A row's word, lowest first: ring line of its first tap, from the frame's first line (LINE_BITS), taps inside the map by
// row (KERNEL_HEIGHT). A column's word: bank of its first tap (BANK_BITS), address of its taps in the banks below that
// one (ADDRESS_BITS), taps inside the map by column (KERNEL_WIDTH).
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
    parameter int READS_NOTHING = 0,  // these four: tomato_window_control.sv
    parameter int FIRST_READS = 1,
    parameter int FIRST_NEEDED = 1,
    parameter int FIRST_DEAD = 0,
    parameter logic [PIXEL-1:0] PADDING = '0,
    parameter ROW_TABLE = "rows.hex",
    parameter COLUMN_TABLE = "columns.hex",
    parameter LINE_TABLE = "lines.hex",
    parameter BANK_TABLE = "banks.hex"
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
  localparam int ROW_WORD = LINE_BITS + KERNEL_HEIGHT;
  localparam int COLUMN_WORD = BANK_BITS + ADDRESS_BITS + KERNEL_WIDTH;
  localparam int BANK_WORDS = (WIDTH + KERNEL_WIDTH - 1) / KERNEL_WIDTH;
  localparam int X_BITS = WIDTH > 1 ? $clog2(WIDTH) : 1;
  localparam int ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  localparam int COLUMN_BITS = COLUMNS > 1 ? $clog2(COLUMNS) : 1;

  logic [ROW_BITS-1:0] row;
  logic [COLUMN_BITS-1:0] column;
  logic last_window;
  tomato_window_control #(
      .PIXELS(HEIGHT * WIDTH), .ROWS(ROWS), .COLUMNS(COLUMNS), .BUFFER(BUFFER), .PIXEL_BITS(PIXEL_BITS),
      .READS_NOTHING(READS_NOTHING), .FIRST_READS(FIRST_READS), .FIRST_NEEDED(FIRST_NEEDED), .FIRST_DEAD(FIRST_DEAD),
      .ROW_BITS(ROW_BITS), .COLUMN_BITS(COLUMN_BITS), .ROW_TABLE(ROW_TABLE), .COLUMN_TABLE(COLUMN_TABLE)
  ) control (
      .clk, .rst_n, .in_empty, .in_pop, .out_full, .out_push, .in_waits, .out_offers, .row, .column, .last_window
  );

  // Where the next window's taps lie.
  logic [ROW_WORD-1:0] row_table[0:ROWS-1];
  logic [COLUMN_WORD-1:0] column_table[0:COLUMNS-1];
  initial begin
    $readmemh(LINE_TABLE, row_table);
    $readmemh(BANK_TABLE, column_table);
  end
  logic [LINE_BITS-1:0] frame_line;  // ring line of the frame's first
  logic [LINE_BITS-1:0] row_line;
  logic [KERNEL_HEIGHT-1:0] rows_inside;
  logic [KERNEL_WIDTH-1:0] columns_inside;
  logic [BANK_BITS-1:0] first_bank;
  logic [ADDRESS_BITS-1:0] address;
  assign {rows_inside, row_line} = row_table[row];
  assign {columns_inside, address, first_bank} = column_table[column];

  always_ff @(posedge clk) begin
    if (!rst_n) frame_line <= '0;
    else if (out_push && last_window) frame_line <= ring(frame_line, LINE_BITS'(HEIGHT % LINES));
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

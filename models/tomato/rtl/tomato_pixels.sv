// The sliced data plane: a ring of pixels between the unit that makes them and the one that works on them, with any
// FIFOs and window between the two. Nothing wider than a slice moves: pixels are written lanes by lanes as they are
// made and read slices by slices as they are needed; pushes and pops are the control's business alone. The ring is as
// large as the pixels that can be alive (the generator counts them), so nothing here is ever full.
//
// Pixels, one after the other over all frames, lie in BANKS memories in turn, so many that the taps of one step are in
// different ones. A pixel is WORDS words of an entry; a word takes WORD_WRITES writes and gives WORD_READS slices.
//
// Reader: the steps' addresses follow from counters alone. `next` and `current` hold those of two steps; the memories
// are read, registered, in every cycle, so what a step needs may come until the cycle before it. The first step is
// possible in the third cycle after reset.
module tomato_pixels #(
    parameter int BITS = 8,  // of a value
    parameter int CHANNELS = 1,
    parameter int WRITE_LANES = 1,
    parameter int READ_LANES = 1,
    parameter int WORD_WRITES = 1,
    parameter int WORD_READS = 1,
    parameter int HEIGHT = 1,  // a stream without windows is one window of a pixel after the other
    parameter int WIDTH = 1,
    parameter int KERNEL_HEIGHT = 1,
    parameter int KERNEL_WIDTH = 1,
    parameter int STRIDE = 1,
    parameter int PAD_TOP = 0,
    parameter int PAD_LEFT = 0,
    parameter int ROWS = 1,  // of windows
    parameter int COLUMNS = 1,
    parameter int TAP_LANES = 1,
    parameter int REPEATS = 1,         // how often all slices of a window are read
    parameter int CHANNELS_OUTER = 0,  // taps follow each other before channels do
    parameter int BANKS = 1,
    parameter int ENTRIES = 2,
    parameter logic [BITS-1:0] PADDING = '0,  // taps outside the map
    parameter logic [BITS-1:0] FILL = '0      // lanes without a tap
) (
    input  logic clk,
    input  logic rst_n,
    input  logic write,
    input  logic [WRITE_LANES*BITS-1:0] value,
    input  logic push,  // of a pixel that is complete; for simulation
    input  logic step,
    output logic [TAP_LANES*READ_LANES*BITS-1:0] slice  // [tap][channel]
);
  localparam int TAPS = KERNEL_HEIGHT * KERNEL_WIDTH;
  localparam int TAP_STEPS = (TAPS + TAP_LANES - 1) / TAP_LANES;
  localparam int WRITES = (CHANNELS + WRITE_LANES - 1) / WRITE_LANES;
  localparam int READS = (CHANNELS + READ_LANES - 1) / READ_LANES;
  localparam int WORDS = (WRITES + WORD_WRITES - 1) / WORD_WRITES;
  localparam int SIZE = ENTRIES * WORDS;  // words of a bank
  localparam int RING = BANKS * ENTRIES;  // pixels
  localparam int VALUES_BITS = WRITE_LANES * BITS;
  localparam int WORD_BITS = WORD_WRITES * VALUES_BITS;
  localparam int PART_BITS = READ_LANES * BITS;
  localparam int PLAIN = TAPS == 1 && ROWS == 1 && COLUMNS == 1 ? 1 : 0;

  localparam int ADDRESS_BITS = SIZE > 1 ? $clog2(SIZE) : 1;
  localparam int BANK_BITS = BANKS > 1 ? $clog2(BANKS) : 1;
  localparam int WRITE_BITS = WRITES > 1 ? $clog2(WRITES) : 1;
  localparam int WORD_WRITE_BITS = WORD_WRITES > 1 ? $clog2(WORD_WRITES) : 1;
  localparam int READ_BITS = READS > 1 ? $clog2(READS) : 1;
  localparam int WORD_READ_BITS = WORD_READS > 1 ? $clog2(WORD_READS) : 1;
  localparam int TAP_STEP_BITS = TAP_STEPS > 1 ? $clog2(TAP_STEPS) : 1;
  localparam int REPEAT_BITS = REPEATS > 1 ? $clog2(REPEATS) : 1;
  localparam int ROW_BITS = ROWS > 1 ? $clog2(ROWS) : 1;
  localparam int COLUMN_BITS = COLUMNS > 1 ? $clog2(COLUMNS) : 1;
  localparam int TOP_BITS = $clog2((ROWS - 1) * STRIDE + PAD_TOP + HEIGHT + KERNEL_HEIGHT + 1) + 1;
  localparam int LEFT_BITS = $clog2((COLUMNS - 1) * STRIDE + PAD_LEFT + WIDTH + KERNEL_WIDTH + 1) + 1;

  // Places in the ring: {address of the entry's first word, bank}.
  localparam int PLACE_BITS = ADDRESS_BITS + BANK_BITS;
  localparam int FIRST = (RING - (PAD_TOP * WIDTH + PAD_LEFT) % RING) % RING;
  localparam int NEXT_COLUMN = STRIDE % RING;
  localparam int NEXT_ROW = STRIDE * WIDTH % RING;
  localparam int NEXT_FRAME = ((HEIGHT * WIDTH - (ROWS - 1) * STRIDE * WIDTH) % RING + RING) % RING;
  localparam logic [PLACE_BITS-1:0] FIRST_PLACE = {ADDRESS_BITS'(FIRST / BANKS * WORDS), BANK_BITS'(FIRST % BANKS)};
  localparam logic [PLACE_BITS-1:0] COLUMN_PLACE = {
    ADDRESS_BITS'(NEXT_COLUMN / BANKS * WORDS), BANK_BITS'(NEXT_COLUMN % BANKS)
  };
  localparam logic [PLACE_BITS-1:0] ROW_PLACE = {ADDRESS_BITS'(NEXT_ROW / BANKS * WORDS), BANK_BITS'(NEXT_ROW % BANKS)};
  localparam logic [PLACE_BITS-1:0] FRAME_PLACE = {
    ADDRESS_BITS'(NEXT_FRAME / BANKS * WORDS), BANK_BITS'(NEXT_FRAME % BANKS)
  };

  function automatic [PLACE_BITS-1:0] further(input [PLACE_BITS-1:0] from, input [PLACE_BITS-1:0] by);
    logic [BANK_BITS:0] bank;
    logic [ADDRESS_BITS:0] address;
    logic carry;
    bank = {1'b0, from[BANK_BITS-1:0]} + {1'b0, by[BANK_BITS-1:0]};
    carry = bank >= (BANK_BITS + 1)'(BANKS);
    if (carry) bank = bank - (BANK_BITS + 1)'(BANKS);
    address = {1'b0, from[PLACE_BITS-1:BANK_BITS]} + {1'b0, by[PLACE_BITS-1:BANK_BITS]}
        + (carry ? (ADDRESS_BITS + 1)'(WORDS) : '0);
    if (address >= (ADDRESS_BITS + 1)'(SIZE)) address = address - (ADDRESS_BITS + 1)'(SIZE);
    further = {address[ADDRESS_BITS-1:0], bank[BANK_BITS-1:0]};
  endfunction

  // Writer.
  logic [WRITE_BITS-1:0] write_index;
  logic [WORD_WRITE_BITS-1:0] write_part;
  logic [ADDRESS_BITS-1:0] write_entry, next_entry, write_address;
  logic [BANK_BITS-1:0] write_bank;
  logic last_write, word_full, last_bank;
  assign last_write = write_index == WRITE_BITS'(WRITES - 1);
  assign word_full = write_part == WORD_WRITE_BITS'(WORD_WRITES - 1);
  assign last_bank = write_bank == BANK_BITS'(BANKS - 1);
  assign next_entry = write_entry == ADDRESS_BITS'(SIZE - WORDS) ? '0 : write_entry + ADDRESS_BITS'(WORDS);
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      write_index <= '0;
      write_part <= '0;
      write_entry <= '0;
      write_address <= '0;
      write_bank <= '0;
    end else if (write) begin
      write_index <= last_write ? '0 : write_index + 1'b1;
      write_part <= last_write || word_full ? '0 : write_part + 1'b1;
      if (last_write) begin
        write_bank <= last_bank ? '0 : write_bank + 1'b1;
        write_address <= last_bank ? next_entry : write_entry;
        if (last_bank) write_entry <= next_entry;
      end else if (word_full) begin
        write_address <= write_address + 1'b1;
      end
    end
  end

  // Reader: the step behind `next`.
  logic next_valid, current_valid, go;
  logic [READ_BITS-1:0] channel;
  logic [WORD_READ_BITS-1:0] part, next_part, current_part;
  logic [ADDRESS_BITS-1:0] word;
  logic [TAP_STEP_BITS-1:0] tap_step;
  logic [REPEAT_BITS-1:0] round;
  logic last_channel, last_tap, last_round, channel_on, tap_on, window_on;
  logic next_last_channel, current_last_channel;
  assign go = step || !current_valid;
  assign last_channel = channel == READ_BITS'(READS - 1);
  assign last_tap = tap_step == TAP_STEP_BITS'(TAP_STEPS - 1);
  assign last_round = round == REPEAT_BITS'(REPEATS - 1);
  assign channel_on = go && (CHANNELS_OUTER == 0 || last_tap);
  assign tap_on = go && (CHANNELS_OUTER != 0 || last_channel);
  assign window_on = go && last_channel && last_tap && last_round;

  logic [ROW_BITS-1:0] row;
  logic [COLUMN_BITS-1:0] column;
  logic [PLACE_BITS-1:0] place, row_place, next_row_place;
  logic last_column, last_row;
  assign last_column = column == COLUMN_BITS'(COLUMNS - 1);
  assign last_row = row == ROW_BITS'(ROWS - 1);
  assign next_row_place = further(row_place, last_row ? FRAME_PLACE : ROW_PLACE);

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      next_valid <= 1'b0;
      current_valid <= 1'b0;
      channel <= '0;
      part <= '0;
      word <= '0;
      tap_step <= '0;
      round <= '0;
      row <= '0;
      column <= '0;
      place <= FIRST_PLACE;
      row_place <= FIRST_PLACE;
    end else begin
      if (go) begin
        next_valid <= 1'b1;
        current_valid <= next_valid;
      end
      if (channel_on) begin
        channel <= last_channel ? '0 : channel + 1'b1;
        if (last_channel) begin
          part <= '0;
          word <= '0;
        end else if (part == WORD_READ_BITS'(WORD_READS - 1)) begin
          part <= '0;
          word <= word + 1'b1;
        end else begin
          part <= part + 1'b1;
        end
      end
      if (tap_on) tap_step <= last_tap ? '0 : tap_step + 1'b1;
      if (go && last_channel && last_tap) round <= last_round ? '0 : round + 1'b1;
      if (window_on) begin
        column <= last_column ? '0 : column + 1'b1;
        place <= last_column ? next_row_place : further(place, COLUMN_PLACE);
        if (last_column) begin
          row <= last_row ? '0 : row + 1'b1;
          row_place <= next_row_place;
        end
      end
    end
  end

  // Taps of the window inside the map.
  logic [TAPS-1:0] taps_inside;
  genvar i, j, s, t, b, p;
  generate
    if (PLAIN != 0) begin : plain
      assign taps_inside = 1'b1;
    end else begin : windows
      logic signed [TOP_BITS-1:0] top;
      logic signed [LEFT_BITS-1:0] left;
      localparam logic signed [TOP_BITS-1:0] FIRST_TOP = TOP_BITS'(-PAD_TOP);
      localparam logic signed [LEFT_BITS-1:0] FIRST_LEFT = LEFT_BITS'(-PAD_LEFT);
      always_ff @(posedge clk) begin
        if (!rst_n) begin
          top <= FIRST_TOP;
          left <= FIRST_LEFT;
        end else if (window_on) begin
          left <= last_column ? FIRST_LEFT : left + LEFT_BITS'(STRIDE);
          if (last_column) top <= last_row ? FIRST_TOP : top + TOP_BITS'(STRIDE);
        end
      end
      logic [KERNEL_HEIGHT-1:0] rows_inside;
      logic [KERNEL_WIDTH-1:0] columns_inside;
      for (i = 0; i < KERNEL_HEIGHT; i = i + 1) begin : tap_row
        localparam logic signed [TOP_BITS-1:0] LOWEST = TOP_BITS'(-i);
        localparam logic signed [TOP_BITS-1:0] BEHIND = TOP_BITS'(HEIGHT - i);
        assign rows_inside[i] = top >= LOWEST && top < BEHIND;
        for (j = 0; j < KERNEL_WIDTH; j = j + 1) begin : tap
          assign taps_inside[i*KERNEL_WIDTH+j] = rows_inside[i] && columns_inside[j];
        end
      end
      for (j = 0; j < KERNEL_WIDTH; j = j + 1) begin : tap_column
        localparam logic signed [LEFT_BITS-1:0] LOWEST = LEFT_BITS'(-j);
        localparam logic signed [LEFT_BITS-1:0] BEHIND = LEFT_BITS'(WIDTH - j);
        assign columns_inside[j] = left >= LOWEST && left < BEHIND;
      end
    end

    // Each lane's tap: where it lies.
    logic [TAP_LANES*ADDRESS_BITS-1:0] addresses;
    logic [TAP_LANES*BANK_BITS-1:0] banks, next_banks, current_banks;
    logic [TAP_LANES*PLACE_BITS-1:0] tap_offsets;
    logic [PLACE_BITS-1:0] tap_place;
    logic [TAP_LANES-1:0] exists, next_exists, current_exists, in_map, next_in_map, current_in_map;
    for (t = 0; t < TAP_LANES; t = t + 1) begin : tap_of_lane
      logic [TAP_STEPS*PLACE_BITS-1:0] offsets;
      logic [TAP_STEPS*(PLACE_BITS+2)-1:0] steps_of_lane;
      logic [TAP_STEPS-1:0] used, in_steps;
      for (s = 0; s < TAP_STEPS; s = s + 1) begin : of_step
        localparam int TAP = s * TAP_LANES + t;
        localparam int OFFSET = TAP < TAPS ? TAP / KERNEL_WIDTH * WIDTH + TAP % KERNEL_WIDTH : 0;
        assign offsets[s*PLACE_BITS+:PLACE_BITS] = {ADDRESS_BITS'(OFFSET / BANKS * WORDS), BANK_BITS'(OFFSET % BANKS)};
        if (TAP < TAPS) begin : tap
          assign used[s] = 1'b1;
          assign in_steps[s] = taps_inside[TAP];
        end else begin : none
          assign used[s] = 1'b0;
          assign in_steps[s] = 1'b0;
        end
      end
      tomato_select #(.COUNT(TAP_STEPS), .BITS(PLACE_BITS + 2), .INDEX_BITS(TAP_STEP_BITS)) select (
          .values(steps_of_lane), .index(tap_step), .value({in_map[t], exists[t], tap_offsets[t*PLACE_BITS+:PLACE_BITS]})
      );
      for (s = 0; s < TAP_STEPS; s = s + 1) begin : entry
        assign steps_of_lane[s*(PLACE_BITS+2)+:PLACE_BITS+2] = {in_steps[s], used[s], offsets[s*PLACE_BITS+:PLACE_BITS]};
      end
    end
    always_comb begin
      for (int l = 0; l < TAP_LANES; l = l + 1) begin
        tap_place = further(place, tap_offsets[l*PLACE_BITS+:PLACE_BITS]);
        addresses[l*ADDRESS_BITS+:ADDRESS_BITS] = tap_place[PLACE_BITS-1:BANK_BITS] + word;
        banks[l*BANK_BITS+:BANK_BITS] = tap_place[BANK_BITS-1:0];
      end
    end

    // Each bank's address: of the lane whose tap lies there.
    logic [BANKS*ADDRESS_BITS-1:0] reads, next_reads, current_reads;
    if (BANKS == 1) begin : one_bank
      assign reads = addresses;
    end else begin : some_banks
      logic hit;
      always_comb begin
        reads = '0;
        for (int n = 0; n < BANKS * TAP_LANES; n = n + 1) begin
          hit = exists[n%TAP_LANES] && banks[n%TAP_LANES*BANK_BITS+:BANK_BITS] == BANK_BITS'(n / TAP_LANES);
          reads[n/TAP_LANES*ADDRESS_BITS+:ADDRESS_BITS] = reads[n/TAP_LANES*ADDRESS_BITS+:ADDRESS_BITS] |
              (hit ? addresses[n%TAP_LANES*ADDRESS_BITS+:ADDRESS_BITS] : '0);
        end
      end
    end

    always_ff @(posedge clk) begin
      if (go) begin
        {next_part, next_last_channel} <= {part, last_channel};
        {next_banks, next_exists, next_in_map, next_reads} <= {banks, exists, in_map, reads};
        {current_part, current_last_channel} <= {next_part, next_last_channel};
        {current_banks, current_exists, current_in_map, current_reads} <= {next_banks, next_exists, next_in_map, next_reads};
      end
    end

    // Memories, and of each the slice of the current step.
    logic [BANKS*WORD_READS*PART_BITS-1:0] parts;
    logic [BANKS*PART_BITS-1:0] found;
    for (b = 0; b < BANKS; b = b + 1) begin : bank_of
      logic [ADDRESS_BITS-1:0] read_at;
      logic [WORD_BITS-1:0] read_word;
      assign read_at = go ? next_reads[b*ADDRESS_BITS+:ADDRESS_BITS] : current_reads[b*ADDRESS_BITS+:ADDRESS_BITS];
      for (p = 0; p < WORD_WRITES; p = p + 1) begin : part_of
        logic [VALUES_BITS-1:0] values[0:SIZE-1];
        logic [VALUES_BITS-1:0] read_values;
        always_ff @(posedge clk) begin
          if (write && write_bank == BANK_BITS'(b) && write_part == WORD_WRITE_BITS'(p)) values[write_address] <= value;
          read_values <= values[read_at];
        end
        assign read_word[p*VALUES_BITS+:VALUES_BITS] = read_values;
      end
      if (WORD_READS * PART_BITS > WORD_BITS) begin : longer
        assign parts[b*WORD_READS*PART_BITS+:WORD_READS*PART_BITS] = (WORD_READS * PART_BITS)'(read_word);
      end else begin : shorter
        tomato_lanes #(.USED(WORD_READS * PART_BITS), .BITS(WORD_BITS)) lanes (
            .values(read_word), .used(parts[b*WORD_READS*PART_BITS+:WORD_READS*PART_BITS])
        );
      end
    end
    for (b = 0; b < BANKS; b = b + 1) begin : part_of_bank
      tomato_select #(.COUNT(WORD_READS), .BITS(PART_BITS), .INDEX_BITS(WORD_READ_BITS)) select (
          .values(parts[b*WORD_READS*PART_BITS+:WORD_READS*PART_BITS]), .index(current_part), .value(found[b*PART_BITS+:PART_BITS])
      );
    end
    logic [TAP_LANES*PART_BITS-1:0] pixels;
    for (t = 0; t < TAP_LANES; t = t + 1) begin : pixel_of_tap
      tomato_select #(.COUNT(BANKS), .BITS(PART_BITS), .INDEX_BITS(BANK_BITS)) select (
          .values(found), .index(current_banks[t*BANK_BITS+:BANK_BITS]), .value(pixels[t*PART_BITS+:PART_BITS])
      );
    end

    // The lanes' values; in the last slice of a pixel, lanes may have no channel.
    localparam logic [PART_BITS-1:0] LANES_OF_LAST = ~(PART_BITS'(0)) >> ((READS * READ_LANES - CHANNELS) * BITS);
    localparam logic [PART_BITS-1:0] ALL_FILL = {READ_LANES{FILL}};
    localparam logic [PART_BITS-1:0] ALL_PADDING = {READ_LANES{PADDING}};
    logic [PART_BITS-1:0] pixel;
    always_comb begin
      for (int l = 0; l < TAP_LANES; l = l + 1) begin
        pixel = pixels[l*PART_BITS+:PART_BITS];
        if (current_last_channel) pixel = pixel & LANES_OF_LAST;
        slice[l*PART_BITS+:PART_BITS] = !current_exists[l] ? ALL_FILL : current_in_map[l] ? pixel : ALL_PADDING;
      end
    end
    if (CHANNELS % READ_LANES == 0) begin : whole_slices
      logic unused_last_channel;
      assign unused_last_channel = current_last_channel;
    end
  endgenerate

`ifdef TOMATO_PROBE
  // For simulation: the pixel that is pushed, from a copy of what is written, in order.
  localparam int PROBE_WORDS = RING * WRITES;
  logic [VALUES_BITS-1:0] probe_copy[0:PROBE_WORDS-1];
  logic [31:0] probe_write_at, probe_pushed;
  logic [WRITES*VALUES_BITS-1:0] probe_values;
  logic [CHANNELS*BITS-1:0] probe_token;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      probe_write_at <= '0;
      probe_pushed <= '0;
    end else begin
      if (write) begin
        probe_copy[probe_write_at] <= value;
        probe_write_at <= probe_write_at == PROBE_WORDS - 1 ? '0 : probe_write_at + 1;
      end
      if (push) probe_pushed <= probe_pushed == PROBE_WORDS - WRITES ? '0 : probe_pushed + WRITES;
    end
  end
  // The last lanes may be written in the cycle of the push.
  always_comb begin
    for (int n = 0; n < WRITES; n = n + 1) begin
      probe_values[n*VALUES_BITS+:VALUES_BITS] =
          write && probe_write_at == probe_pushed + n ? value : probe_copy[probe_pushed + n];
    end
  end
  assign probe_token = probe_values[CHANNELS*BITS-1:0];
`else
  logic unused_push;
  assign unused_push = push;
`endif
endmodule

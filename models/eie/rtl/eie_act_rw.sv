// Activation read/write of one PE: source registers, destination registers, activation SRAM, and the gearbox that
// packs converted outputs into SRAM words. Batch loads and stores are timed by the sequencer, all PEs in lockstep.
module eie_act_rw #(
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned ACCUMULATOR_WIDTH = 16,
    parameter int unsigned SRAM_WIDTH = 64,
    parameter int unsigned SRAM_WORDS = 256,
    parameter int unsigned SOURCE_ENTRIES = 64,
    parameter int unsigned DESTINATION_ENTRIES = 64,
    parameter int unsigned ROUNDING = 1,
    localparam int unsigned SOURCE_ADDRESS_WIDTH = (SOURCE_ENTRIES > 1) ? $clog2(SOURCE_ENTRIES) : 1,
    localparam int unsigned DESTINATION_ADDRESS_WIDTH = (DESTINATION_ENTRIES > 1) ? $clog2(DESTINATION_ENTRIES) : 1,
    localparam int unsigned SRAM_ADDRESS_WIDTH = (SRAM_WORDS > 1) ? $clog2(SRAM_WORDS) : 1,
    localparam int unsigned FILL_WIDTH = $clog2(ACTIVATION_WIDTH + 1),
    localparam int unsigned COUNT_WIDTH = $clog2(SRAM_WIDTH / ACTIVATION_WIDTH + 2),
    localparam int unsigned LANES = (SRAM_WIDTH + ACTIVATION_WIDTH - 1) / ACTIVATION_WIDTH
) (
    input  logic                                 clk,
    input  logic signed [6:0]                    output_shift,
    input  logic                                 relu,
    input  logic                                 destination_clear,
    // I/O mode
    input  logic                                 io_write_source,
    input  logic                                 io_write_sram,
    input  logic                                 io_read_output,
    input  logic                                 io_read_sram,
    input  logic [SOURCE_ADDRESS_WIDTH-1:0]      io_source_address,
    input  logic [DESTINATION_ADDRESS_WIDTH-1:0] io_destination_address,
    input  logic [SRAM_ADDRESS_WIDTH-1:0]        io_sram_address,
    input  logic [ACTIVATION_WIDTH-1:0]          io_activation,
    input  logic [SRAM_WIDTH-1:0]                io_word,
    output logic [ACTIVATION_WIDTH-1:0]          io_output,
    output logic [SRAM_WIDTH-1:0]                io_sram_word,
    // central control
    input  logic                                 source_read,
    input  logic [SOURCE_ADDRESS_WIDTH-1:0]      source_address,
    output logic [ACTIVATION_WIDTH-1:0]          source_value,
    // arithmetic unit
    input  logic                                 operand_read,
    input  logic [DESTINATION_ADDRESS_WIDTH-1:0] operand_address,
    output logic [ACCUMULATOR_WIDTH-1:0]         operand,
    input  logic                                 sum_write,
    input  logic [DESTINATION_ADDRESS_WIDTH-1:0] sum_address,
    input  logic [ACCUMULATOR_WIDTH-1:0]         sum,
    // batch load
    input  logic                                 load,
    input  logic [SRAM_ADDRESS_WIDTH-1:0]        load_address,
    input  logic [SOURCE_ADDRESS_WIDTH-1:0]      load_base,
    input  logic [COUNT_WIDTH-1:0]               load_entries,
    input  logic                                 load_extra,
    input  logic [FILL_WIDTH-1:0]                load_fill,
    // batch store
    input  logic                                 store,
    input  logic [SRAM_ADDRESS_WIDTH-1:0]        store_address,
    input  logic [DESTINATION_ADDRESS_WIDTH-1:0] store_base,
    input  logic                                 store_all,   // all LANES registers are taken, not LANES - 1
    input  logic [FILL_WIDTH-1:0]                store_fill   // bits left over from the registers before
);

  logic [SRAM_WIDTH-1:0] sram_word;
  logic [SRAM_WIDTH-1:0] store_word;
  logic [SRAM_ADDRESS_WIDTH-1:0] sram_address;
  logic [LANES*ACTIVATION_WIDTH-1:0] converted;
  logic [DESTINATION_ADDRESS_WIDTH-1:0] convert_base;

  assign sram_address = load ? load_address : store ? store_address : io_sram_address;
  assign io_sram_word = io_read_sram ? sram_word : '0;

  eie_memory #(.WIDTH(SRAM_WIDTH), .DEPTH(SRAM_WORDS)) sram (
      .clk(clk),
      .write(store | io_write_sram),
      .write_address(sram_address),
      .write_data(store ? store_word : io_word),
      .read(load | io_read_sram),
      .read_address(sram_address),
      .read_data(sram_word)
  );

  eie_source_file #(
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .SRAM_WIDTH(SRAM_WIDTH),
      .ENTRIES(SOURCE_ENTRIES)
  ) source_file (
      .clk(clk),
      .io_write(io_write_source),
      .io_address(io_source_address),
      .io_data(io_activation),
      .read(source_read),
      .read_address(source_address),
      .read_data(source_value),
      .load(load),
      .load_base(load_base),
      .load_entries(load_entries),
      .load_extra(load_extra),
      .load_fill(load_fill),
      .load_word(sram_word)
  );

  assign convert_base = store ? store_base : io_destination_address;
  assign io_output = io_read_output ? converted[ACTIVATION_WIDTH-1:0] : '0;

  eie_destination_file #(
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .ACCUMULATOR_WIDTH(ACCUMULATOR_WIDTH),
      .ENTRIES(DESTINATION_ENTRIES),
      .LANES(LANES),
      .ROUNDING(ROUNDING)
  ) destination_file (
      .clk(clk),
      .clear(destination_clear),
      .read(operand_read),
      .read_address(operand_address),
      .read_data(operand),
      .write(sum_write),
      .write_address(sum_address),
      .write_data(sum),
      .convert(store | io_read_output),
      .convert_base(convert_base),
      .convert_shift(output_shift),
      .relu(relu),
      .converted(converted)
  );

  // Gearbox of the store.
  generate
    if (SRAM_WIDTH % ACTIVATION_WIDTH == 0) begin : g_aligned
      logic unused_alignment;
      assign unused_alignment = &{1'b0, store_all, store_fill};
      assign store_word = converted;
    end else begin : g_packed
      localparam int unsigned WINDOW = (LANES + 1) * ACTIVATION_WIDTH;
      logic [ACTIVATION_WIDTH-1:0] residue;
      logic [WINDOW-1:0] taken;
      logic [WINDOW-1:0] window;
      logic [WINDOW-1:0] rest;
      if (LANES == 1) begin : g_one
        assign taken = store_all ? WINDOW'(converted) : '0;
      end else begin : g_lanes
        assign taken = store_all ? WINDOW'(converted) : WINDOW'(converted[(LANES-1)*ACTIVATION_WIDTH-1:0]);
      end
      assign window = (taken << store_fill) | WINDOW'(residue);
      assign store_word = window[SRAM_WIDTH-1:0];
      assign rest = window >> SRAM_WIDTH;
      logic unused_rest;
      assign unused_rest = &{1'b0, rest};
      always_ff @(posedge clk) begin
        if (!store) residue <= '0;
        else residue <= rest[ACTIVATION_WIDTH-1:0];
      end
    end
  endgenerate

endmodule

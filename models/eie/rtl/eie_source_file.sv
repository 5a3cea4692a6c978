// Source registers of one PE. In I/O mode one register is written a cycle; a batch load takes one activation-SRAM word
// a cycle and writes the activations that it completes. Words are packed without gaps from the lowest bit.
module eie_source_file #(
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned SRAM_WIDTH = 64,
    parameter int unsigned ENTRIES = 64,
    localparam int unsigned ADDRESS_WIDTH = (ENTRIES > 1) ? $clog2(ENTRIES) : 1,
    localparam int unsigned FILL_WIDTH = $clog2(ACTIVATION_WIDTH + 1),
    localparam int unsigned WHOLE = SRAM_WIDTH / ACTIVATION_WIDTH,
    localparam bit ALIGNED = SRAM_WIDTH % ACTIVATION_WIDTH == 0,
    localparam int unsigned LANES = ALIGNED ? WHOLE : WHOLE + 1,
    localparam int unsigned COUNT_WIDTH = $clog2(WHOLE + 2)
) (
    input  logic                        clk,
    input  logic                        io_write,
    input  logic [ADDRESS_WIDTH-1:0]    io_address,
    input  logic [ACTIVATION_WIDTH-1:0] io_data,
    input  logic                        read,
    input  logic [ADDRESS_WIDTH-1:0]    read_address,
    output logic [ACTIVATION_WIDTH-1:0] read_data,
    input  logic                        load,
    input  logic [ADDRESS_WIDTH-1:0]    load_base,     // first register completed by this word
    input  logic [COUNT_WIDTH-1:0]      load_entries,  // registers to write
    input  logic                        load_extra,    // the word completes WHOLE + 1 activations
    input  logic [FILL_WIDTH-1:0]       load_fill,     // bits left over from the words before
    input  logic [SRAM_WIDTH-1:0]       load_word
);

  logic [ACTIVATION_WIDTH-1:0] entries[0:ENTRIES-1];
  logic [LANES*ACTIVATION_WIDTH-1:0] lanes;

  generate
    if (ALIGNED) begin : g_aligned
      logic unused_alignment;
      assign unused_alignment = &{1'b0, load_extra, load_fill};
      assign lanes = load_word;
    end else begin : g_packed
      localparam int unsigned WINDOW = SRAM_WIDTH + ACTIVATION_WIDTH;
      logic [ACTIVATION_WIDTH-1:0] residue;
      logic [WINDOW-1:0] window;
      logic [WINDOW-1:0] rest;
      assign window = (WINDOW'(load_word) << load_fill) | WINDOW'(residue);
      assign rest = load_extra ? window >> ((WHOLE + 1) * ACTIVATION_WIDTH) : window >> (WHOLE * ACTIVATION_WIDTH);
      assign lanes = window[LANES*ACTIVATION_WIDTH-1:0];
      logic unused_rest;
      assign unused_rest = &{1'b0, rest};
      always_ff @(posedge clk) begin
        if (!load) residue <= '0;
        else residue <= rest[ACTIVATION_WIDTH-1:0];
      end
    end
  endgenerate

  assign read_data = read ? entries[read_address] : '0;

  always_ff @(posedge clk) begin
    if (io_write) entries[io_address] <= io_data;
    for (int unsigned i = 0; i < LANES; i++) begin
      if (load & (COUNT_WIDTH'(i) < load_entries)) begin
        entries[load_base+ADDRESS_WIDTH'(i)] <= lanes[i*ACTIVATION_WIDTH+:ACTIVATION_WIDTH];
      end
    end
  end

endmodule

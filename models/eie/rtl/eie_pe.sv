// One processing element: activation queue, pointer read, sparse-matrix read, arithmetic unit, activation
// read/write, and its counters.
module eie_pe #(
    parameter int unsigned QUEUE_DEPTH = 8,
    parameter int unsigned SPMAT_WIDTH = 64,
    parameter int unsigned CODE_BITS = 4,
    parameter int unsigned INDEX_BITS = 4,
    parameter int unsigned POINTER_WIDTH = 16,
    parameter int unsigned WEIGHT_WIDTH = 16,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned ACCUMULATOR_WIDTH = 16,
    parameter int unsigned ROUNDING = 1,
    parameter int unsigned SRAM_WIDTH = 64,
    parameter bit POINTER_PREFETCH = 1'b1,
    parameter bit ARITHMETIC_BYPASS = 1'b1,
    parameter int unsigned SPMAT_ROWS = 16384,
    parameter int unsigned POINTERS = 16384,
    parameter int unsigned SOURCE_ENTRIES = 64,
    parameter int unsigned DESTINATION_ENTRIES = 64,
    parameter int unsigned SRAM_WORDS = 256,
    parameter int unsigned IO_WIDTH = 64,
    parameter int unsigned IO_ADDRESS_WIDTH = 14,
    localparam int unsigned COLUMN_WIDTH = $clog2(POINTERS),
    localparam int unsigned OCCUPANCY_WIDTH = $clog2(QUEUE_DEPTH + 1),
    localparam int unsigned SOURCE_ADDRESS_WIDTH = (SOURCE_ENTRIES > 1) ? $clog2(SOURCE_ENTRIES) : 1,
    localparam int unsigned DESTINATION_ADDRESS_WIDTH = (DESTINATION_ENTRIES > 1) ? $clog2(DESTINATION_ENTRIES) : 1,
    localparam int unsigned SRAM_ADDRESS_WIDTH = (SRAM_WORDS > 1) ? $clog2(SRAM_WORDS) : 1,
    localparam int unsigned FILL_WIDTH = $clog2(ACTIVATION_WIDTH + 1),
    localparam int unsigned COUNT_WIDTH = $clog2(SRAM_WIDTH / ACTIVATION_WIDTH + 2)
) (
    input  logic                                 clk,
    input  logic                                 idle,
    input  logic                                 compute,
    input  logic                                 tail,
    input  logic [5:0]                           product_shift,
    input  logic signed [6:0]                    output_shift,
    input  logic                                 relu,
    // I/O mode: memory and address; 1 pointers, 2 sparse-matrix row, 3 codebook, 4 source register, 5 activation SRAM
    input  logic [2:0]                           io_write,
    // 1 output, 2 activation SRAM, 3 counter
    input  logic [1:0]                           io_read,
    input  logic [IO_ADDRESS_WIDTH-1:0]          io_address,
    input  logic [IO_WIDTH-1:0]                  io_write_data /* verilator public_flat_rd */,
    output logic [IO_WIDTH-1:0]                  io_read_data,
    // central control
    input  logic                                 broadcast,
    input  logic [COLUMN_WIDTH-1:0]              broadcast_column,
    input  logic [ACTIVATION_WIDTH-1:0]          broadcast_value,
    input  logic [1:0]                           broadcast_cause,
    output logic                                 queue_full,
    output logic [OCCUPANCY_WIDTH-1:0]           queue_occupancy,
    input  logic                                 source_read,
    input  logic [SOURCE_ADDRESS_WIDTH-1:0]      source_address,
    output logic [ACTIVATION_WIDTH-1:0]          source_value,
    // batches
    input  logic                                 destination_clear,
    input  logic                                 load,
    input  logic [SRAM_ADDRESS_WIDTH-1:0]        load_address,
    input  logic [SOURCE_ADDRESS_WIDTH-1:0]      load_base,
    input  logic [COUNT_WIDTH-1:0]               load_entries,
    input  logic                                 load_extra,
    input  logic [FILL_WIDTH-1:0]                load_fill,
    input  logic                                 store,
    input  logic [SRAM_ADDRESS_WIDTH-1:0]        store_address,
    input  logic [DESTINATION_ADDRESS_WIDTH-1:0] store_base,
    input  logic [COUNT_WIDTH-1:0]               store_entries,
    input  logic                                 store_all,
    input  logic [FILL_WIDTH-1:0]                store_fill,
    input  logic                                 row_batch_end,
    input  logic [31:0]                          row_batch_entries,
    input  logic                                 last_row_batch,
    input  logic                                 short_last_row /* verilator public_flat_rd */,  // no output of this PE in it
    // state
    output logic                                 occupied,
    output logic                                 s4_valid
);

  // One copy of the generated code serves all PEs: no inlining, and inputs that differ from PE to PE stay variables.
  /* verilator no_inline_module */

  localparam int unsigned ENTRY_WIDTH = CODE_BITS + INDEX_BITS;
  localparam int unsigned ENTRIES_PER_ROW = SPMAT_WIDTH / ENTRY_WIDTH;
  localparam int unsigned WORD_WIDTH = ENTRIES_PER_ROW * ENTRY_WIDTH;
  localparam int unsigned SLOT_WIDTH = (ENTRIES_PER_ROW > 1) ? $clog2(ENTRIES_PER_ROW) : 1;
  localparam int unsigned ROW_WIDTH = POINTER_WIDTH - SLOT_WIDTH;
  localparam int unsigned BANK_DEPTH = (POINTERS + 1) / 2;
  localparam int unsigned BANK_WIDTH = (BANK_DEPTH > 1) ? $clog2(BANK_DEPTH) : 1;
  localparam int unsigned SPMAT_ADDRESS_WIDTH = (SPMAT_ROWS > 1) ? $clog2(SPMAT_ROWS) : 1;

  logic hold;

  // Activation queue
  logic queue_empty;
  logic queue_pop;
  logic [COLUMN_WIDTH-1:0] head_column;
  logic [ACTIVATION_WIDTH-1:0] head_value;
  logic [1:0] head_cause;

  eie_act_queue #(
      .DEPTH(QUEUE_DEPTH),
      .COLUMN_WIDTH(COLUMN_WIDTH),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH)
  ) act_queue (
      .clk(clk),
      .clear(~compute),
      .push(broadcast),
      .push_column(broadcast_column),
      .push_value(broadcast_value),
      .push_cause(broadcast_cause),
      .pop(queue_pop),
      .full(queue_full),
      .empty(queue_empty),
      .occupancy(queue_occupancy),
      .head_column(head_column),
      .head_value(head_value),
      .head_cause(head_cause)
  );

  // Pointer read
  logic issue;
  logic [ROW_WIDTH-1:0] issue_row;
  logic [SLOT_WIDTH-1:0] issue_slot;
  logic [ACTIVATION_WIDTH-1:0] issue_value;
  logic issue_first;
  logic ptr_valid;
  logic [1:0] ptr_cause;
  logic pair_read;

  eie_ptr_read #(
      .COLUMN_WIDTH(COLUMN_WIDTH),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .POINTER_WIDTH(POINTER_WIDTH),
      .ENTRIES_PER_ROW(ENTRIES_PER_ROW),
      .BANK_DEPTH(BANK_DEPTH),
      .PREFETCH(POINTER_PREFETCH)
  ) ptr_read (
      .clk(clk),
      .clear(~compute),
      .hold(hold),
      .io_write(io_write == 3'd1),
      .io_address(io_address[BANK_WIDTH-1:0]),
      .io_data(io_write_data[2*POINTER_WIDTH-1:0]),
      .queue_empty(queue_empty),
      .queue_column(head_column),
      .queue_value(head_value),
      .queue_cause(head_cause),
      .pop(queue_pop),
      .issue(issue),
      .issue_row(issue_row),
      .issue_slot(issue_slot),
      .issue_value(issue_value),
      .issue_first(issue_first),
      .valid(ptr_valid),
      .cause(ptr_cause),
      .pair_read(pair_read)
  );

  // Sparse-matrix read
  logic deliver;
  logic [CODE_BITS-1:0] deliver_code;
  logic [INDEX_BITS-1:0] deliver_zeros;
  logic [ACTIVATION_WIDTH-1:0] deliver_value;
  logic deliver_first;
  logic row_read;
  logic row_reuse;

  eie_spmat_read #(
      .ENTRIES_PER_ROW(ENTRIES_PER_ROW),
      .CODE_BITS(CODE_BITS),
      .INDEX_BITS(INDEX_BITS),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .ROW_WIDTH(ROW_WIDTH),
      .ROWS(SPMAT_ROWS)
  ) spmat_read (
      .clk(clk),
      .clear(idle),
      .hold(hold),
      .io_write(io_write == 3'd2),
      .io_address(io_address[SPMAT_ADDRESS_WIDTH-1:0]),
      .io_data(io_write_data[WORD_WIDTH-1:0]),
      .issue(issue),
      .issue_row(issue_row),
      .issue_slot(issue_slot),
      .issue_value(issue_value),
      .issue_first(issue_first),
      .valid(deliver),
      .code(deliver_code),
      .zeros(deliver_zeros),
      .value(deliver_value),
      .first(deliver_first),
      .row_read(row_read),
      .row_reuse(row_reuse)
  );

  // Arithmetic unit
  logic operand_read;
  logic [DESTINATION_ADDRESS_WIDTH-1:0] operand_address;
  logic [ACCUMULATOR_WIDTH-1:0] operand;
  logic sum_write;
  logic [DESTINATION_ADDRESS_WIDTH-1:0] sum_address;
  logic [ACCUMULATOR_WIDTH-1:0] sum;
  logic arithm_occupied;
  logic codebook_read;
  logic padding;
  logic multiply;
  logic bypassed;
  logic saturated;

  eie_arithm #(
      .CODE_BITS(CODE_BITS),
      .INDEX_BITS(INDEX_BITS),
      .WEIGHT_WIDTH(WEIGHT_WIDTH),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .ACCUMULATOR_WIDTH(ACCUMULATOR_WIDTH),
      .ADDRESS_WIDTH(DESTINATION_ADDRESS_WIDTH),
      .ROUNDING(ROUNDING),
      .BYPASS(ARITHMETIC_BYPASS)
  ) arithm (
      .clk(clk),
      .clear(idle),
      .product_shift(product_shift),
      .io_write(io_write == 3'd3),
      .io_address(io_address[CODE_BITS-1:0]),
      .io_data(io_write_data[WEIGHT_WIDTH-1:0]),
      .deliver(deliver),
      .deliver_code(deliver_code),
      .deliver_zeros(deliver_zeros),
      .deliver_value(deliver_value),
      .deliver_first(deliver_first),
      .operand_read(operand_read),
      .operand_address(operand_address),
      .operand(operand),
      .sum_write(sum_write),
      .sum_address(sum_address),
      .sum(sum),
      .hold(hold),
      .occupied(arithm_occupied),
      .s4_valid(s4_valid),
      .codebook_read(codebook_read),
      .padding(padding),
      .multiply(multiply),
      .bypassed(bypassed),
      .saturated(saturated)
  );

  assign occupied = ~queue_empty | ptr_valid | deliver | arithm_occupied;

  // Activation read/write
  logic [ACTIVATION_WIDTH-1:0] io_output;
  logic [SRAM_WIDTH-1:0] io_sram_word;

  eie_act_rw #(
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .ACCUMULATOR_WIDTH(ACCUMULATOR_WIDTH),
      .SRAM_WIDTH(SRAM_WIDTH),
      .SRAM_WORDS(SRAM_WORDS),
      .SOURCE_ENTRIES(SOURCE_ENTRIES),
      .DESTINATION_ENTRIES(DESTINATION_ENTRIES),
      .ROUNDING(ROUNDING)
  ) act_rw (
      .clk(clk),
      .output_shift(output_shift),
      .relu(relu),
      .destination_clear(destination_clear),
      .io_write_source(io_write == 3'd4),
      .io_write_sram(io_write == 3'd5),
      .io_read_output(io_read == 2'd1),
      .io_read_sram(io_read == 2'd2),
      .io_source_address(io_address[SOURCE_ADDRESS_WIDTH-1:0]),
      .io_destination_address(io_address[DESTINATION_ADDRESS_WIDTH-1:0]),
      .io_sram_address(io_address[SRAM_ADDRESS_WIDTH-1:0]),
      .io_activation(io_write_data[ACTIVATION_WIDTH-1:0]),
      .io_word(io_write_data[SRAM_WIDTH-1:0]),
      .io_output(io_output),
      .io_sram_word(io_sram_word),
      .source_read(source_read),
      .source_address(source_address),
      .source_value(source_value),
      .operand_read(operand_read),
      .operand_address(operand_address),
      .operand(operand),
      .sum_write(sum_write),
      .sum_address(sum_address),
      .sum(sum),
      .load(load),
      .load_address(load_address),
      .load_base(load_base),
      .load_entries(load_entries),
      .load_extra(load_extra),
      .load_fill(load_fill),
      .store(store),
      .store_address(store_address),
      .store_base(store_base),
      .store_all(store_all),
      .store_fill(store_fill)
  );

  // Counters
  logic [63:0] counter;
  logic [31:0] relu_outputs;

  assign relu_outputs = (row_batch_end & relu) ? row_batch_entries - {31'd0, last_row_batch & short_last_row} : 32'd0;

  eie_pe_counters #(.COUNT_WIDTH(COUNT_WIDTH)) pe_counters (
      .clk(clk),
      .clear(idle),
      .compute(compute),
      .load(load),
      .store(store),
      .tail(tail),
      .hold(hold),
      .issue(issue),
      .ptr_valid(ptr_valid),
      .cause(ptr_cause),
      .event_pulses({source_read, saturated, sum_write, bypassed, operand_read, padding, multiply, codebook_read,
                     row_reuse, row_read, pair_read, queue_pop, broadcast}),
      .load_entries(load_entries),
      .store_entries(store_entries),
      .relu_outputs(relu_outputs),
      .select(io_address[4:0]),
      .selected(counter)
  );

  always_comb begin
    case (io_read)
      2'd1: io_read_data = IO_WIDTH'(io_output);
      2'd2: io_read_data = IO_WIDTH'(io_sram_word);
      2'd3: io_read_data = IO_WIDTH'(counter);
      default: io_read_data = '0;
    endcase
  end

  logic unused_io;
  assign unused_io = &{1'b0, io_address, io_write_data};

endmodule

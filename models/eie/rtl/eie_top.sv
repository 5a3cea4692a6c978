// The machine: central control, sequencer and PE_COUNT processing elements. I/O mode: while idle, `io_write` writes
// one word into the same memory and address of every PE, each its own slice of `io_write_data`; `io_read` reads
// likewise; the bus is registered, so that either takes effect one cycle later. A run begins with `start`, at least one
// cycle after the layer's inputs are set, and ends with `done`; `reset` leads back to idle and keeps the memories.
module eie_top #(
    parameter int unsigned PE_COUNT = 64,
    parameter int unsigned QUEUE_DEPTH = 8,
    parameter int unsigned SPMAT_WIDTH = 64,
    parameter int unsigned CODE_BITS = 4,
    parameter int unsigned INDEX_BITS = 4,
    parameter int unsigned POINTER_WIDTH = 16,
    parameter int unsigned WEIGHT_WIDTH = 16,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned ACCUMULATOR_WIDTH = 16,
    parameter int unsigned ROUNDING = 1,
    parameter int unsigned REGISTER_FILE_ENTRIES = 64,
    parameter int unsigned SRAM_WIDTH = 64,
    parameter bit POINTER_PREFETCH = 1'b1,
    parameter bit ARITHMETIC_BYPASS = 1'b1,
    parameter int unsigned LNZD_LATENCY_CYCLES = 0,
    parameter bit POSITIVE_ONLY = 1'b0,
    // depths of the memories
    parameter int unsigned SPMAT_ROWS = 16384,
    parameter int unsigned POINTERS = 16384,
    parameter int unsigned SOURCE_ENTRIES = 64,
    parameter int unsigned DESTINATION_ENTRIES = 64,
    parameter int unsigned SRAM_WORDS = 256,
    parameter int unsigned IO_WIDTH = 64,
    parameter int unsigned IO_ADDRESS_WIDTH = 14
) (
    input  logic                         clk,
    input  logic                         reset,
    input  logic                         start,
    output logic                         done,
    // the layer
    input  logic [31:0]                  source_rows,
    input  logic [31:0]                  columns,
    input  logic [31:0]                  output_rows,
    input  logic [31:0]                  last_row_outputs,  // outputs in the last of output_rows, 1..PE_COUNT
    input  logic                         has_bias,
    input  logic [ACTIVATION_WIDTH-1:0]  bias_value,
    input  logic                         relu,
    input  logic [5:0]                   product_shift,
    input  logic signed [6:0]            output_shift,
    input  logic [31:0]                  store_region,
    // I/O mode
    input  logic [2:0]                   io_write,
    input  logic [1:0]                   io_read,
    input  logic [IO_ADDRESS_WIDTH-1:0]  io_address,
    input  logic [PE_COUNT*IO_WIDTH-1:0] io_write_data,
    output logic [PE_COUNT*IO_WIDTH-1:0] io_read_data,
    input  logic [2:0]                   control_counter_select,
    output logic [63:0]                  control_counter,
    output logic [63:0]                  cycles,
    // observation
    input  logic                         observe,
    output logic                         running,
    output logic                         broadcast,
    output logic [31:0]                  broadcast_column,
    output logic [ACTIVATION_WIDTH-1:0]  broadcast_value,
    output logic [PE_COUNT*32-1:0]       occupancies
);

  localparam int unsigned COLUMN_WIDTH = $clog2(POINTERS);
  localparam int unsigned OCCUPANCY_WIDTH = $clog2(QUEUE_DEPTH + 1);
  localparam int unsigned SOURCE_ADDRESS_WIDTH = (SOURCE_ENTRIES > 1) ? $clog2(SOURCE_ENTRIES) : 1;
  localparam int unsigned DESTINATION_ADDRESS_WIDTH = (DESTINATION_ENTRIES > 1) ? $clog2(DESTINATION_ENTRIES) : 1;
  localparam int unsigned SRAM_ADDRESS_WIDTH = (SRAM_WORDS > 1) ? $clog2(SRAM_WORDS) : 1;
  localparam int unsigned FILL_WIDTH = $clog2(ACTIVATION_WIDTH + 1);
  localparam int unsigned COUNT_WIDTH = $clog2(SRAM_WIDTH / ACTIVATION_WIDTH + 2);

  // Registers of the layer, the I/O bus and the observation
  logic idle;
  logic [31:0] layer_source_rows;
  logic [31:0] layer_columns;
  logic [31:0] layer_output_rows;
  logic [31:0] layer_last_row_outputs;
  logic layer_has_bias;
  logic [ACTIVATION_WIDTH-1:0] layer_bias_value;
  logic layer_relu;
  logic [5:0] layer_product_shift;
  logic signed [6:0] layer_output_shift;
  logic [31:0] layer_store_region;
  logic [2:0] bus_write;
  logic [1:0] bus_read;
  logic [IO_ADDRESS_WIDTH-1:0] bus_address;
  logic [PE_COUNT*IO_WIDTH-1:0] bus_write_data;
  logic [2:0] bus_control_counter;
  logic observing;

  always_ff @(posedge clk) begin
    if (idle) begin
      layer_source_rows <= source_rows;
      layer_columns <= columns;
      layer_output_rows <= output_rows;
      layer_last_row_outputs <= last_row_outputs;
      layer_has_bias <= has_bias;
      layer_bias_value <= bias_value;
      layer_relu <= relu;
      layer_product_shift <= product_shift;
      layer_output_shift <= output_shift;
      layer_store_region <= store_region;
    end
    bus_write <= idle ? io_write : 3'd0;
    if (io_write != 3'd0) bus_write_data <= io_write_data;
    bus_read <= io_read;
    bus_address <= io_address;
    bus_control_counter <= control_counter_select;
    observing <= observe;
  end

  // Sequencer
  logic compute;
  logic load;
  logic store;
  logic tail;
  logic scan_done;
  logic [PE_COUNT-1:0] occupied;
  logic [PE_COUNT-1:0] s4_valid;
  logic [31:0] batch_rows;
  logic batch_bias;
  logic row_batch_start;
  logic [31:0] row_batch_column;
  logic [31:0] bias_column;
  logic row_batch_end;
  logic [31:0] row_batch_entries;
  logic last_row_batch;
  logic destination_clear;
  logic [31:0] load_address;
  logic [31:0] load_base;
  logic [COUNT_WIDTH-1:0] load_entries;
  logic load_extra;
  logic [FILL_WIDTH-1:0] load_fill;
  logic [31:0] store_address;
  logic [31:0] store_base;
  logic [COUNT_WIDTH-1:0] store_entries;
  logic store_all;
  logic [FILL_WIDTH-1:0] store_fill;
  logic [47:0] cycle_count;

  assign running = compute | load | store;
  assign cycles = 64'(cycle_count);

  eie_sequencer #(
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .SRAM_WIDTH(SRAM_WIDTH),
      .REGISTER_FILE_ENTRIES(REGISTER_FILE_ENTRIES)
  ) sequencer (
      .clk(clk),
      .reset(reset),
      .start(start),
      .source_rows(layer_source_rows),
      .columns(layer_columns),
      .output_rows(layer_output_rows),
      .has_bias(layer_has_bias),
      .store_region(layer_store_region),
      .scan_done(scan_done),
      .any_occupied(|occupied),
      .any_s4_valid(|s4_valid),
      .idle(idle),
      .done(done),
      .compute(compute),
      .load(load),
      .store(store),
      .tail(tail),
      .cycles(cycle_count),
      .batch_rows(batch_rows),
      .batch_bias(batch_bias),
      .row_batch_start(row_batch_start),
      .row_batch_column(row_batch_column),
      .bias_column(bias_column),
      .row_batch_end(row_batch_end),
      .row_batch_entries(row_batch_entries),
      .last_row_batch(last_row_batch),
      .destination_clear(destination_clear),
      .load_address(load_address),
      .load_base(load_base),
      .load_entries(load_entries),
      .load_extra(load_extra),
      .load_fill(load_fill),
      .store_address(store_address),
      .store_base(store_base),
      .store_entries(store_entries),
      .store_all(store_all),
      .store_fill(store_fill)
  );

  // Central control
  logic [PE_COUNT-1:0] queue_full;
  logic [COLUMN_WIDTH-1:0] column;
  logic [1:0] cause;
  logic scanning;
  logic blocked;
  logic row_load;
  logic source_read;
  logic [SOURCE_ADDRESS_WIDTH-1:0] source_address;
  logic [PE_COUNT*ACTIVATION_WIDTH-1:0] source_row;

  assign broadcast_column = 32'(column);

  eie_ccu #(
      .PE_COUNT(PE_COUNT),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .COLUMN_WIDTH(COLUMN_WIDTH),
      .SOURCE_ADDRESS_WIDTH(SOURCE_ADDRESS_WIDTH),
      .LNZD_LATENCY_CYCLES(LNZD_LATENCY_CYCLES),
      .POSITIVE_ONLY(POSITIVE_ONLY)
  ) ccu (
      .clk(clk),
      .compute(compute),
      .row_batch_start(row_batch_start),
      .row_batch_column(row_batch_column[COLUMN_WIDTH-1:0]),
      .batch_rows(batch_rows),
      .batch_bias(batch_bias),
      .bias_column(bias_column[COLUMN_WIDTH-1:0]),
      .bias_value(layer_bias_value),
      .source_read(source_read),
      .source_address(source_address),
      .source_row(source_row),
      .any_queue_full(|queue_full),
      .broadcast(broadcast),
      .broadcast_column(column),
      .broadcast_value(broadcast_value),
      .cause(cause),
      .scan_done(scan_done),
      .scanning(scanning),
      .blocked(blocked),
      .row_load(row_load)
  );

  eie_control_counters #(.PE_COUNT(PE_COUNT)) control_counters (
      .clk(clk),
      .clear(idle),
      .broadcast(broadcast),
      .blocked(blocked),
      .row_load(row_load),
      .scanning(scanning),
      .select(bus_control_counter),
      .selected(control_counter)
  );

  // Processing elements
  generate
    for (genvar p = 0; p < PE_COUNT; p++) begin : g_pe
      logic [OCCUPANCY_WIDTH-1:0] occupancy;
      assign occupancies[32*p+:32] = observing ? 32'(occupancy) : '0;

      eie_pe #(
          .QUEUE_DEPTH(QUEUE_DEPTH),
          .SPMAT_WIDTH(SPMAT_WIDTH),
          .CODE_BITS(CODE_BITS),
          .INDEX_BITS(INDEX_BITS),
          .POINTER_WIDTH(POINTER_WIDTH),
          .WEIGHT_WIDTH(WEIGHT_WIDTH),
          .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
          .ACCUMULATOR_WIDTH(ACCUMULATOR_WIDTH),
          .ROUNDING(ROUNDING),
          .SRAM_WIDTH(SRAM_WIDTH),
          .POINTER_PREFETCH(POINTER_PREFETCH),
          .ARITHMETIC_BYPASS(ARITHMETIC_BYPASS),
          .SPMAT_ROWS(SPMAT_ROWS),
          .POINTERS(POINTERS),
          .SOURCE_ENTRIES(SOURCE_ENTRIES),
          .DESTINATION_ENTRIES(DESTINATION_ENTRIES),
          .SRAM_WORDS(SRAM_WORDS),
          .IO_WIDTH(IO_WIDTH),
          .IO_ADDRESS_WIDTH(IO_ADDRESS_WIDTH)
      ) pe (
          .clk(clk),
          .idle(idle),
          .compute(compute),
          .tail(tail),
          .product_shift(layer_product_shift),
          .output_shift(layer_output_shift),
          .relu(layer_relu),
          .io_write(bus_write),
          .io_read(bus_read),
          .io_address(bus_address),
          .io_write_data(bus_write_data[p*IO_WIDTH+:IO_WIDTH]),
          .io_read_data(io_read_data[p*IO_WIDTH+:IO_WIDTH]),
          .broadcast(broadcast),
          .broadcast_column(column),
          .broadcast_value(broadcast_value),
          .broadcast_cause(cause),
          .queue_full(queue_full[p]),
          .queue_occupancy(occupancy),
          .source_read(source_read),
          .source_address(source_address),
          .source_value(source_row[p*ACTIVATION_WIDTH+:ACTIVATION_WIDTH]),
          .destination_clear(destination_clear),
          .load(load),
          .load_address(load_address[SRAM_ADDRESS_WIDTH-1:0]),
          .load_base(load_base[SOURCE_ADDRESS_WIDTH-1:0]),
          .load_entries(load_entries),
          .load_extra(load_extra),
          .load_fill(load_fill),
          .store(store),
          .store_address(store_address[SRAM_ADDRESS_WIDTH-1:0]),
          .store_base(store_base[DESTINATION_ADDRESS_WIDTH-1:0]),
          .store_entries(store_entries),
          .store_all(store_all),
          .store_fill(store_fill),
          .row_batch_end(row_batch_end),
          .row_batch_entries(row_batch_entries),
          .last_row_batch(last_row_batch),
          .short_last_row(layer_last_row_outputs <= 32'(p)),
          .occupied(occupied[p]),
          .s4_valid(s4_valid[p])
      );
    end
  endgenerate

  logic unused_addresses;
  assign unused_addresses = &{1'b0, row_batch_column, bias_column, load_address, load_base, store_address, store_base};

endmodule

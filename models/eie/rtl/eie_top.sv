// The machine: its control and PE_COUNT processing elements. I/O mode: while idle, `io_write` writes
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

  // From control to the processing elements and back
  logic observing;
  logic idle;
  logic compute;
  logic tail;
  logic [31:0] layer_last_row_outputs;
  logic layer_relu;
  logic [5:0] layer_product_shift;
  logic signed [6:0] layer_output_shift;
  logic [2:0] bus_write;
  logic [1:0] bus_read;
  logic [IO_ADDRESS_WIDTH-1:0] bus_address;
  logic [PE_COUNT*IO_WIDTH-1:0] bus_write_data;
  logic [COLUMN_WIDTH-1:0] column;
  logic [1:0] cause;
  logic source_read;
  logic [SOURCE_ADDRESS_WIDTH-1:0] source_address;
  logic destination_clear;
  logic load;
  logic [SRAM_ADDRESS_WIDTH-1:0] load_address;
  logic [SOURCE_ADDRESS_WIDTH-1:0] load_base;
  logic [COUNT_WIDTH-1:0] load_entries;
  logic load_extra;
  logic [FILL_WIDTH-1:0] load_fill;
  logic store;
  logic [SRAM_ADDRESS_WIDTH-1:0] store_address;
  logic [DESTINATION_ADDRESS_WIDTH-1:0] store_base;
  logic [COUNT_WIDTH-1:0] store_entries;
  logic store_all;
  logic [FILL_WIDTH-1:0] store_fill;
  logic row_batch_end;
  logic [31:0] row_batch_entries;
  logic last_row_batch;
  logic [PE_COUNT-1:0] queue_full;
  logic [PE_COUNT-1:0] occupied;
  logic [PE_COUNT-1:0] s4_valid;
  logic [PE_COUNT*ACTIVATION_WIDTH-1:0] source_row;

  assign broadcast_column = 32'(column);

  eie_control #(
      .PE_COUNT(PE_COUNT),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .REGISTER_FILE_ENTRIES(REGISTER_FILE_ENTRIES),
      .SRAM_WIDTH(SRAM_WIDTH),
      .LNZD_LATENCY_CYCLES(LNZD_LATENCY_CYCLES),
      .POSITIVE_ONLY(POSITIVE_ONLY),
      .POINTERS(POINTERS),
      .SOURCE_ENTRIES(SOURCE_ENTRIES),
      .DESTINATION_ENTRIES(DESTINATION_ENTRIES),
      .SRAM_WORDS(SRAM_WORDS),
      .IO_WIDTH(IO_WIDTH),
      .IO_ADDRESS_WIDTH(IO_ADDRESS_WIDTH)
  ) control (
      .clk(clk),
      .reset(reset),
      .start(start),
      .done(done),
      .source_rows(source_rows),
      .columns(columns),
      .output_rows(output_rows),
      .last_row_outputs(last_row_outputs),
      .has_bias(has_bias),
      .bias_value(bias_value),
      .relu(relu),
      .product_shift(product_shift),
      .output_shift(output_shift),
      .store_region(store_region),
      .io_write(io_write),
      .io_read(io_read),
      .io_address(io_address),
      .io_write_data(io_write_data),
      .control_counter_select(control_counter_select),
      .control_counter(control_counter),
      .cycles(cycles),
      .observe(observe),
      .observing(observing),
      .running(running),
      .any_queue_full(|queue_full),
      .any_occupied(|occupied),
      .any_s4_valid(|s4_valid),
      .source_row(source_row),
      .idle(idle),
      .compute(compute),
      .tail(tail),
      .layer_last_row_outputs(layer_last_row_outputs),
      .layer_relu(layer_relu),
      .layer_product_shift(layer_product_shift),
      .layer_output_shift(layer_output_shift),
      .bus_write(bus_write),
      .bus_read(bus_read),
      .bus_address(bus_address),
      .bus_write_data(bus_write_data),
      .broadcast(broadcast),
      .broadcast_column(column),
      .broadcast_value(broadcast_value),
      .broadcast_cause(cause),
      .source_read(source_read),
      .source_address(source_address),
      .destination_clear(destination_clear),
      .load(load),
      .load_address(load_address),
      .load_base(load_base),
      .load_entries(load_entries),
      .load_extra(load_extra),
      .load_fill(load_fill),
      .store(store),
      .store_address(store_address),
      .store_base(store_base),
      .store_entries(store_entries),
      .store_all(store_all),
      .store_fill(store_fill),
      .row_batch_end(row_batch_end),
      .row_batch_entries(row_batch_entries),
      .last_row_batch(last_row_batch)
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
          .load_address(load_address),
          .load_base(load_base),
          .load_entries(load_entries),
          .load_extra(load_extra),
          .load_fill(load_fill),
          .store(store),
          .store_address(store_address),
          .store_base(store_base),
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

endmodule

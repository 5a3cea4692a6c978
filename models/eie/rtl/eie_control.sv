// The machine without its processing elements: sequencer, central control, registers of the layer and the I/O bus.
// What goes to the PEs goes to all of them, but for their slices of `bus_write_data`; `source_row` comes from all.
module eie_control #(
    parameter int unsigned PE_COUNT = 64,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned REGISTER_FILE_ENTRIES = 64,
    parameter int unsigned SRAM_WIDTH = 64,
    parameter int unsigned LNZD_LATENCY_CYCLES = 0,
    parameter bit POSITIVE_ONLY = 1'b0,
    parameter int unsigned POINTERS = 16384,
    parameter int unsigned SOURCE_ENTRIES = 64,
    parameter int unsigned DESTINATION_ENTRIES = 64,
    parameter int unsigned SRAM_WORDS = 256,
    parameter int unsigned IO_WIDTH = 64,
    parameter int unsigned IO_ADDRESS_WIDTH = 14,
    localparam int unsigned COLUMN_WIDTH = $clog2(POINTERS),
    localparam int unsigned SOURCE_ADDRESS_WIDTH = (SOURCE_ENTRIES > 1) ? $clog2(SOURCE_ENTRIES) : 1,
    localparam int unsigned DESTINATION_ADDRESS_WIDTH = (DESTINATION_ENTRIES > 1) ? $clog2(DESTINATION_ENTRIES) : 1,
    localparam int unsigned SRAM_ADDRESS_WIDTH = (SRAM_WORDS > 1) ? $clog2(SRAM_WORDS) : 1,
    localparam int unsigned FILL_WIDTH = $clog2(ACTIVATION_WIDTH + 1),
    localparam int unsigned COUNT_WIDTH = $clog2(SRAM_WIDTH / ACTIVATION_WIDTH + 2)
) (
    input  logic                                 clk,
    input  logic                                 reset,
    input  logic                                 start,
    output logic                                 done,
    // the layer
    input  logic [31:0]                          source_rows,
    input  logic [31:0]                          columns,
    input  logic [31:0]                          output_rows,
    input  logic [31:0]                          last_row_outputs,
    input  logic                                 has_bias,
    input  logic [ACTIVATION_WIDTH-1:0]          bias_value,
    input  logic                                 relu,
    input  logic [5:0]                           product_shift,
    input  logic signed [6:0]                    output_shift,
    input  logic [31:0]                          store_region,
    // I/O mode
    input  logic [2:0]                           io_write,
    input  logic [1:0]                           io_read,
    input  logic [IO_ADDRESS_WIDTH-1:0]          io_address,
    input  logic [PE_COUNT*IO_WIDTH-1:0]         io_write_data,
    input  logic [2:0]                           control_counter_select,
    output logic [63:0]                          control_counter,
    output logic [63:0]                          cycles,
    // observation
    input  logic                                 observe,
    output logic                                 observing,
    output logic                                 running,
    // from the processing elements
    input  logic                                 any_queue_full,
    input  logic                                 any_occupied,
    input  logic                                 any_s4_valid,
    input  logic [PE_COUNT*ACTIVATION_WIDTH-1:0] source_row,
    // to the processing elements
    output logic                                 idle,
    output logic                                 compute,
    output logic                                 tail,
    output logic [31:0]                          layer_last_row_outputs,  // in the last of output_rows, 1..PE_COUNT
    output logic                                 layer_relu,
    output logic [5:0]                           layer_product_shift,
    output logic signed [6:0]                    layer_output_shift,
    output logic [2:0]                           bus_write,
    output logic [1:0]                           bus_read,
    output logic [IO_ADDRESS_WIDTH-1:0]          bus_address,
    output logic [PE_COUNT*IO_WIDTH-1:0]         bus_write_data,
    output logic                                 broadcast,
    output logic [COLUMN_WIDTH-1:0]              broadcast_column,
    output logic [ACTIVATION_WIDTH-1:0]          broadcast_value,
    output logic [1:0]                           broadcast_cause,
    output logic                                 source_read,
    output logic [SOURCE_ADDRESS_WIDTH-1:0]      source_address,
    output logic                                 destination_clear,
    output logic                                 load,
    output logic [SRAM_ADDRESS_WIDTH-1:0]        load_address,
    output logic [SOURCE_ADDRESS_WIDTH-1:0]      load_base,
    output logic [COUNT_WIDTH-1:0]               load_entries,
    output logic                                 load_extra,
    output logic [FILL_WIDTH-1:0]                load_fill,
    output logic                                 store,
    output logic [SRAM_ADDRESS_WIDTH-1:0]        store_address,
    output logic [DESTINATION_ADDRESS_WIDTH-1:0] store_base,
    output logic [COUNT_WIDTH-1:0]               store_entries,
    output logic                                 store_all,
    output logic [FILL_WIDTH-1:0]                store_fill,
    output logic                                 row_batch_end,
    output logic [31:0]                          row_batch_entries,
    output logic                                 last_row_batch
);

  // Registers of the layer, the I/O bus and the observation
  logic [31:0] layer_source_rows;
  logic [31:0] layer_columns;
  logic [31:0] layer_output_rows;
  logic layer_has_bias;
  logic [ACTIVATION_WIDTH-1:0] layer_bias_value;
  logic [31:0] layer_store_region;
  logic [2:0] bus_control_counter;

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
  logic scan_done;
  logic [31:0] batch_rows;
  logic batch_bias;
  logic row_batch_start;
  logic [31:0] row_batch_column;
  logic [31:0] bias_column;
  logic [31:0] load_address_32;
  logic [31:0] load_base_32;
  logic [31:0] store_address_32;
  logic [31:0] store_base_32;
  logic [47:0] cycle_count;

  assign load_address = load_address_32[SRAM_ADDRESS_WIDTH-1:0];
  assign load_base = load_base_32[SOURCE_ADDRESS_WIDTH-1:0];
  assign store_address = store_address_32[SRAM_ADDRESS_WIDTH-1:0];
  assign store_base = store_base_32[DESTINATION_ADDRESS_WIDTH-1:0];

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
      .any_occupied(any_occupied),
      .any_s4_valid(any_s4_valid),
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
      .load_address(load_address_32),
      .load_base(load_base_32),
      .load_entries(load_entries),
      .load_extra(load_extra),
      .load_fill(load_fill),
      .store_address(store_address_32),
      .store_base(store_base_32),
      .store_entries(store_entries),
      .store_all(store_all),
      .store_fill(store_fill)
  );

  // Central control
  logic scanning;
  logic blocked;
  logic row_load;

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
      .any_queue_full(any_queue_full),
      .broadcast(broadcast),
      .broadcast_column(broadcast_column),
      .broadcast_value(broadcast_value),
      .cause(broadcast_cause),
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

  logic unused_addresses;
  assign unused_addresses = &{1'b0, row_batch_column, bias_column, load_address_32, load_base_32, store_address_32,
                              store_base_32};

endmodule

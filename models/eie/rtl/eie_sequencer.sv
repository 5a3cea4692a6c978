// Sequence of phases of a run: for each row batch, for each column batch: (load) compute; then (store). A compute phase
// ends in the cycle in which the machine is found drained; that cycle is already the first of the next phase.
module eie_sequencer #(
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned SRAM_WIDTH = 64,
    parameter int unsigned REGISTER_FILE_ENTRIES = 64,  // 0: whole vectors, no batches
    localparam int unsigned FILL_WIDTH = $clog2(ACTIVATION_WIDTH + 1),
    localparam int unsigned COUNT_WIDTH = $clog2(SRAM_WIDTH / ACTIVATION_WIDTH + 2)
) (
    input  logic                   clk,
    input  logic                   reset,
    input  logic                   start,
    // the layer
    input  logic [31:0]            source_rows,
    input  logic [31:0]            columns,         // bias included
    input  logic [31:0]            output_rows,     // ceil(outputs / PEs)
    input  logic                   has_bias,
    input  logic [31:0]            store_region,    // first activation-SRAM word of the results
    // the machine
    input  logic                   scan_done,
    input  logic                   any_occupied,
    input  logic                   any_s4_valid,
    // phases
    output logic                   idle,
    output logic                   done,
    output logic                   compute,
    output logic                   load,
    output logic                   store,
    output logic                   tail,
    output logic [47:0]            cycles,
    // batches
    output logic [31:0]            batch_rows,
    output logic                   batch_bias,
    output logic                   row_batch_start,
    output logic [31:0]            row_batch_column,
    output logic [31:0]            bias_column,
    output logic                   row_batch_end,
    output logic [31:0]            row_batch_entries,
    output logic                   last_row_batch,
    output logic                   destination_clear,
    // load and store
    output logic [31:0]            load_address,
    output logic [31:0]            load_base,
    output logic [COUNT_WIDTH-1:0] load_entries,
    output logic                   load_extra,
    output logic [FILL_WIDTH-1:0]  load_fill,
    output logic [31:0]            store_address,
    output logic [31:0]            store_base,
    output logic [COUNT_WIDTH-1:0] store_entries,
    output logic                   store_all,
    output logic [FILL_WIDTH-1:0]  store_fill
);

  localparam logic [2:0] IDLE = 3'd0;
  localparam logic [2:0] LOAD = 3'd1;
  localparam logic [2:0] COMPUTE = 3'd2;
  localparam logic [2:0] STORE = 3'd3;
  localparam logic [2:0] DONE = 3'd4;
  localparam bit BATCHED = REGISTER_FILE_ENTRIES != 0;
  localparam logic [31:0] ENTRIES = REGISTER_FILE_ENTRIES;

  logic [2:0] phase;
  logic [31:0] source_left;  // source rows from this column batch on
  logic [31:0] output_left;  // destination entries from this row batch on
  logic [31:0] first_column;  // image column of this row batch's first input
  logic first_column_batch;
  logic scan_done_1;
  logic scan_done_2;
  logic [47:0] cycle;

  // Batches
  logic has_loads;
  logic has_stores;
  logic last_column_batch;
  assign has_loads = BATCHED & (source_rows > ENTRIES);
  assign has_stores = BATCHED & (output_rows > ENTRIES);
  assign last_column_batch = ~BATCHED | (source_left <= ENTRIES);
  assign last_row_batch = ~BATCHED | (output_left <= ENTRIES);
  assign batch_rows = last_column_batch ? source_left : ENTRIES;
  assign batch_bias = last_column_batch & has_bias;
  assign row_batch_entries = last_row_batch ? output_left : ENTRIES;
  assign bias_column = first_column + columns - 32'd1;

  // Phases
  logic exhausted;  // the empty scan has passed queue and pointer read
  logic drained;
  logic finished;
  assign exhausted = scan_done & scan_done_1 & scan_done_2;
  assign drained = (phase == COMPUTE) & exhausted & ~any_occupied;
  assign finished = drained & last_column_batch & ~has_stores;
  assign idle = phase == IDLE;
  assign done = phase == DONE;
  assign compute = (phase == COMPUTE) & ~drained;
  assign load = (phase == LOAD) | (drained & ~last_column_batch);
  assign store = (phase == STORE) | (drained & last_column_batch & has_stores);
  assign tail = compute & last_column_batch & ~has_stores & exhausted & ~any_s4_valid;

  // Load: a word completes WHOLE or WHOLE + 1 activations.
  localparam logic [31:0] WHOLE = SRAM_WIDTH / ACTIVATION_WIDTH;
  logic [31:0] load_source_left;
  logic [31:0] load_rows;
  logic [31:0] load_bits;
  logic [31:0] load_completed;
  logic [31:0] load_rows_left;
  logic load_last;
  assign load_source_left = drained ? source_left - ENTRIES : source_left;
  assign load_rows = (load_source_left <= ENTRIES) ? load_source_left : ENTRIES;
  assign load_rows_left = load_rows - load_base;
  assign load_bits = 32'(load_fill) + SRAM_WIDTH;
  assign load_extra = load_bits >= (WHOLE + 32'd1) * ACTIVATION_WIDTH;
  assign load_completed = WHOLE + 32'(load_extra);
  assign load_last = load_completed >= load_rows_left;
  assign load_entries = COUNT_WIDTH'(load_last ? load_rows_left : load_completed);

  // Store: a word takes LANES or LANES - 1 registers.
  localparam logic [31:0] LANES = (SRAM_WIDTH + ACTIVATION_WIDTH - 1) / ACTIVATION_WIDTH;
  logic [31:0] store_taken;
  logic [31:0] store_left;
  logic store_last;
  assign store_left = row_batch_entries - store_base;
  assign store_all = 32'(store_fill) + (LANES - 32'd1) * ACTIVATION_WIDTH < SRAM_WIDTH;
  assign store_taken = store_all ? LANES : LANES - 32'd1;
  assign store_last = (store_left <= LANES) & (32'(store_fill) + store_left * ACTIVATION_WIDTH <= SRAM_WIDTH);
  assign store_entries = COUNT_WIDTH'(store_last ? store_left : store_taken);

  assign row_batch_start = idle | store | ((phase == LOAD) & first_column_batch);
  assign row_batch_column = idle ? 32'd0 : store ? first_column + columns : first_column;
  assign row_batch_end = finished | (store & store_last);
  assign destination_clear = idle | (store & store_last);

  always_ff @(posedge clk) begin
    scan_done_1 <= scan_done & compute;
    scan_done_2 <= scan_done_1 & compute;

    if (idle) begin
      cycle <= '0;
      cycles <= '0;
    end else if (compute | load | store) begin
      cycle <= cycle + 48'd1;
      if (!tail) cycles <= cycle + 48'd1;
    end

    if (reset) begin
      phase <= IDLE;
    end else if (idle) begin
      source_left <= source_rows;
      output_left <= output_rows;
      first_column <= '0;
      first_column_batch <= 1'b1;
      load_address <= '0;
      load_base <= '0;
      load_fill <= '0;
      store_address <= store_region;
      store_base <= '0;
      store_fill <= '0;
      if (start) phase <= has_loads ? LOAD : COMPUTE;
    end else if (load) begin
      load_address <= load_address + 32'd1;
      if (drained) begin
        source_left <= source_left - ENTRIES;
        first_column_batch <= 1'b0;
      end
      if (load_last) begin
        phase <= COMPUTE;
        load_base <= '0;
        load_fill <= '0;
      end else begin
        phase <= LOAD;
        load_base <= load_base + load_completed;
        load_fill <= FILL_WIDTH'(load_bits - load_completed * ACTIVATION_WIDTH);
      end
    end else if (store) begin
      store_address <= store_address + 32'd1;
      if (store_last) begin
        phase <= last_row_batch ? DONE : has_loads ? LOAD : COMPUTE;
        store_base <= '0;
        store_fill <= '0;
        source_left <= source_rows;
        output_left <= output_left - ENTRIES;
        first_column <= first_column + columns;
        first_column_batch <= 1'b1;
        load_address <= '0;
      end else begin
        phase <= STORE;
        store_base <= store_base + store_taken;
        store_fill <= FILL_WIDTH'(32'(store_fill) + store_taken * ACTIVATION_WIDTH - SRAM_WIDTH);
      end
    end else if (finished) begin
      phase <= DONE;
    end
  end

endmodule

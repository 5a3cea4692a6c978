// Central control: scans the source rows of a batch and broadcasts their nonzero activations. Cause codes of
// bubbles: 0 starved, 1 queue full, 2 drain.
module eie_ccu #(
    parameter int unsigned PE_COUNT = 64,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned COLUMN_WIDTH = 14,
    parameter int unsigned SOURCE_ADDRESS_WIDTH = 6,
    parameter int unsigned LNZD_LATENCY_CYCLES = 0,
    parameter bit POSITIVE_ONLY = 1'b0
) (
    input  logic                                 clk,
    input  logic                                 compute,           // this cycle belongs to a compute phase
    input  logic                                 row_batch_start,   // the next compute phase begins a row batch
    input  logic [COLUMN_WIDTH-1:0]              row_batch_column,  // first image column of that row batch
    input  logic [31:0]                          batch_rows,        // source rows of this column batch
    input  logic                                 batch_bias,        // the bias row follows them
    input  logic [COLUMN_WIDTH-1:0]              bias_column,       // image column of the bias
    input  logic [ACTIVATION_WIDTH-1:0]          bias_value,        // a power of two in the activation's format
    output logic                                 source_read,
    output logic [SOURCE_ADDRESS_WIDTH-1:0]      source_address,
    input  logic [PE_COUNT*ACTIVATION_WIDTH-1:0] source_row,
    input  logic                                 any_queue_full,
    output logic                                 broadcast,
    output logic [COLUMN_WIDTH-1:0]              broadcast_column,
    output logic [ACTIVATION_WIDTH-1:0]          broadcast_value,
    output logic [1:0]                           cause,
    output logic                                 scan_done,
    output logic                                 scanning,
    output logic                                 blocked,
    output logic                                 row_load
);

  localparam int unsigned LEVELS = ($clog2(PE_COUNT) + 1) / 2;
  localparam int unsigned FILL_CYCLES = LNZD_LATENCY_CYCLES * LEVELS;
  localparam int unsigned FILL_WIDTH = $clog2(FILL_CYCLES + 2);
  localparam int unsigned POSITION_WIDTH = (PE_COUNT > 1) ? $clog2(PE_COUNT) : 1;
  localparam int unsigned LAST_POSITION = PE_COUNT - 1;
  localparam int unsigned BIAS_PADDING = (PE_COUNT - 1) * ACTIVATION_WIDTH;

  logic [FILL_WIDTH-1:0] fill_left;
  logic row_valid;
  logic [31:0] next_row;
  logic [COLUMN_WIDTH-1:0] next_column;
  logic [PE_COUNT*ACTIVATION_WIDTH-1:0] row;
  logic [COLUMN_WIDTH-1:0] row_column;
  logic [PE_COUNT-1:0] pending;  // nonzero positions of the row that are not yet broadcast

  logic [31:0] total_rows;
  logic rows_left;
  logic bias_next;
  logic found;
  logic [POSITION_WIDTH-1:0] position;
  logic row_finished;
  logic first_load;

  assign total_rows = batch_rows + {31'd0, batch_bias};
  assign rows_left = next_row != total_rows;
  assign bias_next = next_row == batch_rows;

  eie_lnzd #(.LEAVES(PE_COUNT)) lnzd (
      .flags(pending),
      .found(found),
      .index(position)
  );

  assign scanning = compute & row_valid & ~scan_done;
  assign blocked = scanning & found & any_queue_full;
  assign broadcast = scanning & found & ~any_queue_full;
  assign broadcast_column = row_column + COLUMN_WIDTH'(position);
  assign broadcast_value = row[position*ACTIVATION_WIDTH+:ACTIVATION_WIDTH];
  assign row_finished = scanning & (~found | (broadcast & (position == POSITION_WIDTH'(LAST_POSITION))));
  assign first_load = compute & ~row_valid & (fill_left == '0);
  assign row_load = first_load | (row_finished & rows_left);
  assign source_read = row_load & ~bias_next;
  assign source_address = SOURCE_ADDRESS_WIDTH'(next_row);

  always_comb begin
    if (blocked) cause = 2'd1;
    else if (scan_done) cause = 2'd2;
    else cause = 2'd0;
  end

  logic [PE_COUNT*ACTIVATION_WIDTH-1:0] loaded_row;
  logic [PE_COUNT-1:0] loaded_pending;

  generate
    if (PE_COUNT == 1) begin : g_single
      assign loaded_row = bias_next ? bias_value : source_row;
    end else begin : g_many
      assign loaded_row = bias_next ? {{BIAS_PADDING{1'b0}}, bias_value} : source_row;
    end
    for (genvar q = 0; q < PE_COUNT; q++) begin : g_detect
      logic [ACTIVATION_WIDTH-1:0] value;
      assign value = loaded_row[q*ACTIVATION_WIDTH+:ACTIVATION_WIDTH];
      if (POSITIVE_ONLY) begin : g_positive
        assign loaded_pending[q] = ~value[ACTIVATION_WIDTH-1] & (value != '0);
      end else begin : g_nonzero
        assign loaded_pending[q] = value != '0;
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (!compute) begin
      fill_left <= FILL_WIDTH'(FILL_CYCLES);
      row_valid <= 1'b0;
      scan_done <= 1'b0;
      next_row <= '0;
      pending <= '0;
      if (row_batch_start) next_column <= row_batch_column;
    end else begin
      if (fill_left != '0) fill_left <= fill_left - 1'b1;
      if (broadcast) pending[position] <= 1'b0;
      if (row_finished & ~rows_left) scan_done <= 1'b1;
      if (row_load) begin
        row_valid <= 1'b1;
        row <= loaded_row;
        pending <= loaded_pending;
        row_column <= bias_next ? bias_column : next_column;
        next_column <= next_column + COLUMN_WIDTH'(PE_COUNT);
        next_row <= next_row + 32'd1;
      end
    end
  end

endmodule

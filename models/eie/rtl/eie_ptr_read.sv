// Pointer read of one PE: takes a column from the queue, reads its pointer pair from two banks and issues its
// entries, one a cycle. Pointers are row : slot pairs of SLOT_WIDTH slot bits.
module eie_ptr_read #(
    parameter int unsigned COLUMN_WIDTH = 14,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    parameter int unsigned POINTER_WIDTH = 16,
    parameter int unsigned ENTRIES_PER_ROW = 8,
    parameter int unsigned BANK_DEPTH = 8192,
    parameter bit PREFETCH = 1'b1,
    localparam int unsigned BANK_WIDTH = (BANK_DEPTH > 1) ? $clog2(BANK_DEPTH) : 1,
    localparam int unsigned SLOT_WIDTH = (ENTRIES_PER_ROW > 1) ? $clog2(ENTRIES_PER_ROW) : 1,
    localparam int unsigned ROW_WIDTH = POINTER_WIDTH - SLOT_WIDTH
) (
    input  logic                        clk,
    input  logic                        clear,
    input  logic                        hold,
    // I/O mode: pointers 2k and 2k + 1
    input  logic                        io_write,
    input  logic [BANK_WIDTH-1:0]       io_address,
    input  logic [2*POINTER_WIDTH-1:0]  io_data,
    // queue
    input  logic                        queue_empty,
    input  logic [COLUMN_WIDTH-1:0]     queue_column,
    input  logic [ACTIVATION_WIDTH-1:0] queue_value,
    input  logic [1:0]                  queue_cause,
    output logic                        pop,
    // sparse-matrix read
    output logic                        issue,
    output logic [ROW_WIDTH-1:0]        issue_row,
    output logic [SLOT_WIDTH-1:0]       issue_slot,
    output logic [ACTIVATION_WIDTH-1:0] issue_value,
    output logic                        issue_first,
    // state
    output logic                        valid,
    output logic [1:0]                  cause,
    output logic                        pair_read
);

  logic [COLUMN_WIDTH-1:0] column;
  logic [ACTIVATION_WIDTH-1:0] value;
  logic started;      // the pointer pair has been read
  logic first_entry;  // no entry has been issued yet
  logic [POINTER_WIDTH-1:0] current;
  logic [POINTER_WIDTH-1:0] stop;

  // Two single-ported banks: even pointers in the first, odd ones in the second.
  logic lookup;
  logic [BANK_WIDTH-1:0] even_address;
  logic [BANK_WIDTH-1:0] odd_address;
  logic [POINTER_WIDTH-1:0] even_pointer;
  logic [POINTER_WIDTH-1:0] odd_pointer;

  assign lookup = valid & ~started;
  assign odd_address = BANK_WIDTH'(column >> 1);
  assign even_address = odd_address + BANK_WIDTH'(column[0]);

  eie_memory #(.WIDTH(POINTER_WIDTH), .DEPTH(BANK_DEPTH)) even_bank (
      .clk(clk),
      .write(io_write),
      .write_address(io_address),
      .write_data(io_data[POINTER_WIDTH-1:0]),
      .read(lookup),
      .read_address(even_address),
      .read_data(even_pointer)
  );

  eie_memory #(.WIDTH(POINTER_WIDTH), .DEPTH(BANK_DEPTH)) odd_bank (
      .clk(clk),
      .write(io_write),
      .write_address(io_address),
      .write_data(io_data[2*POINTER_WIDTH-1:POINTER_WIDTH]),
      .read(lookup),
      .read_address(odd_address),
      .read_data(odd_pointer)
  );

  logic [POINTER_WIDTH-1:0] begin_pointer;
  logic [POINTER_WIDTH-1:0] end_pointer;
  logic [POINTER_WIDTH-1:0] entry;
  logic [POINTER_WIDTH-1:0] following;
  logic column_empty;
  logic wants_issue;
  logic finishing;
  logic available;

  assign begin_pointer = column[0] ? odd_pointer : even_pointer;
  assign end_pointer = column[0] ? even_pointer : odd_pointer;
  assign column_empty = lookup & (begin_pointer == end_pointer);
  assign entry = lookup ? begin_pointer : current;
  assign following = (issue_slot == SLOT_WIDTH'(ENTRIES_PER_ROW - 1)) ? {issue_row + 1'b1, {SLOT_WIDTH{1'b0}}}
                                                                      : entry + 1'b1;
  assign wants_issue = valid & ~column_empty & (PREFETCH | started);
  assign finishing = column_empty | (wants_issue & (following == (lookup ? end_pointer : stop)));
  assign available = ~valid | finishing;

  assign pair_read = lookup & ~hold;
  assign pop = available & ~queue_empty & ~hold;
  assign issue = wants_issue & ~hold;
  assign issue_row = entry[POINTER_WIDTH-1:SLOT_WIDTH];
  assign issue_slot = entry[SLOT_WIDTH-1:0];
  assign issue_value = value;
  assign issue_first = first_entry;

  always_ff @(posedge clk) begin
    if (clear) begin
      valid <= 1'b0;
      cause <= 2'd0;
      started <= 1'b0;
      first_entry <= 1'b1;
    end else if (!hold) begin
      if (available) begin
        valid <= ~queue_empty;
        cause <= queue_cause;
        column <= queue_column;
        value <= queue_value;
        started <= 1'b0;
        first_entry <= 1'b1;
      end else begin
        started <= 1'b1;
        current <= wants_issue ? following : entry;
        if (lookup) stop <= end_pointer;
        if (wants_issue) first_entry <= 1'b0;
      end
    end
  end

endmodule

// Activation queue of one PE: DEPTH usable entries of (image column, value) in registers. Full and empty are judged
// on the registered occupancy. It also registers the central control's cause for the bubble that an empty queue makes.
module eie_act_queue #(
    parameter int unsigned DEPTH = 8,
    parameter int unsigned COLUMN_WIDTH = 14,
    parameter int unsigned ACTIVATION_WIDTH = 16,
    localparam int unsigned OCCUPANCY_WIDTH = $clog2(DEPTH + 1)
) (
    input  logic                        clk,
    input  logic                        clear,
    input  logic                        push,
    input  logic [COLUMN_WIDTH-1:0]     push_column,
    input  logic [ACTIVATION_WIDTH-1:0] push_value,
    input  logic [1:0]                  push_cause,
    input  logic                        pop,
    output logic                        full,
    output logic                        empty,
    output logic [OCCUPANCY_WIDTH-1:0]  occupancy,
    output logic [COLUMN_WIDTH-1:0]     head_column,
    output logic [ACTIVATION_WIDTH-1:0] head_value,
    output logic [1:0]                  head_cause
);

  localparam int unsigned SLOT_WIDTH = (DEPTH > 1) ? $clog2(DEPTH) : 1;

  logic [COLUMN_WIDTH+ACTIVATION_WIDTH-1:0] slots[0:DEPTH-1];
  logic [SLOT_WIDTH-1:0] head;
  logic [SLOT_WIDTH-1:0] tail;

  logic [SLOT_WIDTH-1:0] next_head;
  logic [SLOT_WIDTH-1:0] next_tail;

  assign next_head = (head == SLOT_WIDTH'(DEPTH - 1)) ? '0 : head + 1'b1;
  assign next_tail = (tail == SLOT_WIDTH'(DEPTH - 1)) ? '0 : tail + 1'b1;
  assign full = occupancy == OCCUPANCY_WIDTH'(DEPTH);
  assign empty = occupancy == '0;
  assign {head_column, head_value} = slots[head];

  always_ff @(posedge clk) begin
    if (clear) begin
      occupancy <= '0;
      head <= '0;
      tail <= '0;
      head_cause <= 2'd0;
    end else begin
      head_cause <= push_cause;
      if (push) begin
        slots[tail] <= {push_column, push_value};
        tail <= next_tail;
      end
      if (pop) head <= next_head;
      if (push & ~pop) occupancy <= occupancy + 1'b1;
      if (pop & ~push) occupancy <= occupancy - 1'b1;
    end
  end

endmodule

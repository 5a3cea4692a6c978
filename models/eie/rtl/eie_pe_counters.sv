// Counters of one PE: cycle classes 0..7 and events 8..25, in the order of models/eie/counters.h. Cycles of the run's
// tail (after the last write, while look-ups of empty columns go on) are counted apart and left out of the classes.
module eie_pe_counters #(
    parameter int unsigned COUNT_WIDTH = 3
) (
    input  logic                   clk,
    input  logic                   clear,
    input  logic                   compute,
    input  logic                   load,
    input  logic                   store,
    input  logic                   tail,               // this cycle is past the run's end unless a write follows
    input  logic                   hold,
    input  logic                   issue,
    input  logic                   ptr_valid,
    input  logic [1:0]             cause,
    input  logic [12:0]            event_pulses,       // queue_pushes .. source_register_reads
    input  logic [COUNT_WIDTH-1:0] load_entries,
    input  logic [COUNT_WIDTH-1:0] store_entries,
    input  logic [31:0]            relu_outputs,
    input  logic [4:0]             select,
    output logic [63:0]            selected
);

  localparam int unsigned WIDTH = 48;
  localparam int unsigned COUNTERS = 26;
  localparam int unsigned POINTER = 3;
  localparam int unsigned DRAIN = 5;
  localparam int unsigned SOURCE_WRITES = 21;
  localparam int unsigned DESTINATION_READS = 22;
  localparam int unsigned RELU = 25;

  logic [WIDTH-1:0] counters[0:COUNTERS-1];
  logic [WIDTH-1:0] tail_pointer;
  logic [WIDTH-1:0] tail_drain;
  logic [7:0] class_of_cycle;
  logic [COUNTERS-1:0] pulses;

  always_comb begin
    class_of_cycle = '0;
    if (load) class_of_cycle[6] = 1'b1;
    else if (store) class_of_cycle[7] = 1'b1;
    else if (compute) begin
      if (hold) class_of_cycle[4] = 1'b1;
      else if (issue) class_of_cycle[0] = 1'b1;
      else if (ptr_valid) class_of_cycle[POINTER] = 1'b1;
      else if (cause == 2'd1) class_of_cycle[1] = 1'b1;
      else if (cause == 2'd2) class_of_cycle[DRAIN] = 1'b1;
      else class_of_cycle[2] = 1'b1;
    end
  end

  assign pulses = {1'b0, store, load, 2'b00, event_pulses, class_of_cycle};

  always_ff @(posedge clk) begin
    if (clear) begin
      for (int unsigned i = 0; i < COUNTERS; i++) counters[i] <= '0;
      tail_pointer <= '0;
      tail_drain <= '0;
    end else begin
      for (int unsigned i = 0; i < COUNTERS; i++) begin
        if (pulses[i]) counters[i] <= counters[i] + 1'b1;
      end
      if (load) counters[SOURCE_WRITES] <= counters[SOURCE_WRITES] + WIDTH'(load_entries);
      if (store) counters[DESTINATION_READS] <= counters[DESTINATION_READS] + WIDTH'(store_entries);
      if (relu_outputs != '0) counters[RELU] <= counters[RELU] + WIDTH'(relu_outputs);
      if (compute) begin
        if (!tail) begin
          tail_pointer <= '0;
          tail_drain <= '0;
        end else begin
          if (class_of_cycle[POINTER]) tail_pointer <= tail_pointer + 1'b1;
          if (class_of_cycle[DRAIN]) tail_drain <= tail_drain + 1'b1;
        end
      end
    end
  end

  always_comb begin
    case (select)
      5'(POINTER): selected = 64'(counters[POINTER]) - 64'(tail_pointer);
      5'(DRAIN): selected = 64'(counters[DRAIN]) - 64'(tail_drain);
      default: selected = (select < 5'(COUNTERS)) ? 64'(counters[select]) : '0;
    endcase
  end

endmodule

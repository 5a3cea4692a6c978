// Results between the arithmetic and the push: a result is written group by group, in order, and read whole. SLOTS is
// the pipe's stages and one more, for the token that waits in the issue stage.
module tomato_results #(
    parameter int GROUPS = 1,
    parameter int GROUP_BITS = 8,
    parameter int INDEX_BITS = 1,
    parameter int SLOTS = 2
) (
    input  logic clk,
    input  logic rst_n,
    input  logic write,
    input  logic write_last,  // the result is complete
    input  logic [INDEX_BITS-1:0] group,
    input  logic [GROUP_BITS-1:0] value,
    input  logic pop,
    output logic [GROUPS*GROUP_BITS-1:0] result
);
  localparam int POINTER_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;
  localparam logic [POINTER_BITS-1:0] LAST = POINTER_BITS'(SLOTS - 1);

  logic [POINTER_BITS-1:0] write_at, read_at;

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      write_at <= '0;
      read_at <= '0;
    end else begin
      if (write && write_last) write_at <= write_at == LAST ? '0 : write_at + 1'b1;
      if (pop) read_at <= read_at == LAST ? '0 : read_at + 1'b1;
    end
  end

  genvar g;
  generate
    for (g = 0; g < GROUPS; g = g + 1) begin : store
      logic [GROUP_BITS-1:0] slots[0:SLOTS-1];
      always_ff @(posedge clk) begin
        if (write && group == INDEX_BITS'(g)) slots[write_at] <= value;
      end
      assign result[g*GROUP_BITS+:GROUP_BITS] = slots[read_at];
    end
  endgenerate
endmodule

// The pipeline's exit: AXI4-Stream, a token a transfer, channels as at the entrance; tlast with the last token of a
// frame.
module tomato_sink #(
    parameter int CHANNELS = 1,
    parameter int BITS = 8,
    parameter int BYTES = 1,
    parameter int TOKENS = 1  // of a frame
) (
    input  logic clk,
    input  logic rst_n,
    input  logic in_empty,
    input  logic [CHANNELS*BITS-1:0] in_data,
    output logic in_pop,
    output logic in_waits,
    output logic m_axis_tvalid,
    input  logic m_axis_tready,
    output logic [CHANNELS*BYTES*8-1:0] m_axis_tdata,
    output logic m_axis_tlast
);
  localparam int TOKEN_BITS = TOKENS > 1 ? $clog2(TOKENS) : 1;
  logic [TOKEN_BITS-1:0] token;
  assign m_axis_tvalid = !in_empty;
  assign in_waits = 1'b1;
  assign in_pop = !in_empty && m_axis_tready;
  assign m_axis_tlast = token == TOKEN_BITS'(TOKENS - 1);
  tomato_extend #(.COUNT(CHANNELS), .FROM_BITS(BITS), .TO_BITS(BYTES * 8)) extend (.from(in_data), .to(m_axis_tdata));
  always_ff @(posedge clk) begin
    if (!rst_n) token <= '0;
    else if (in_pop) token <= m_axis_tlast ? '0 : token + 1'b1;
  end
endmodule

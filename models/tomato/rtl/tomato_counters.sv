// Counters behind AXI4-Lite, words of 32 bits: 0x0 the number of FIFOs, 0x4 cycles since reset or the last clearing
// (they stop at their largest value), 0x8 a write of any value clears all counts; from 0x10 on four words for each FIFO:
// tokens, full stalls, empty stalls, most tokens held (tomato_fifo_counters.sv). Other words are 0; writes elsewhere do
// nothing. A transfer at a time in each direction; every answer is OKAY.
module tomato_counters #(
    parameter int FIFOS = 1,
    parameter int ADDRESS_BITS = 6  // of bytes
) (
    input  logic clk,
    input  logic rst_n,
    input  logic [FIFOS*128-1:0] counts,
    output logic clear,
    input  logic s_axil_awvalid,
    output logic s_axil_awready,
    input  logic [ADDRESS_BITS-1:0] s_axil_awaddr,
    input  logic s_axil_wvalid,
    output logic s_axil_wready,
    input  logic [31:0] s_axil_wdata,
    input  logic [3:0] s_axil_wstrb,
    output logic s_axil_bvalid,
    input  logic s_axil_bready,
    output logic [1:0] s_axil_bresp,
    input  logic s_axil_arvalid,
    output logic s_axil_arready,
    input  logic [ADDRESS_BITS-1:0] s_axil_araddr,
    output logic s_axil_rvalid,
    input  logic s_axil_rready,
    output logic [31:0] s_axil_rdata,
    output logic [1:0] s_axil_rresp
);
  localparam int WORD_BITS = ADDRESS_BITS - 2;
  localparam int SPACE = (1 << WORD_BITS) * 32;

  logic [31:0] cycles, word;
  logic [SPACE-1:0] words;
  logic [WORD_BITS-1:0] index;
  logic unused_write;
  assign unused_write = &{1'b0, s_axil_awaddr[1:0], s_axil_araddr[1:0], s_axil_wdata, s_axil_wstrb};
  assign words = SPACE'({counts, 64'b0, cycles, 32'(FIFOS)});
  assign index = s_axil_araddr[ADDRESS_BITS-1:2];
  assign word = words[index*32+:32];

  // A write is taken when its address and its data are there and the answer before has been taken.
  logic writes;
  assign writes = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  assign s_axil_awready = writes;
  assign s_axil_wready = writes;
  assign s_axil_bresp = 2'b00;
  assign clear = writes && s_axil_awaddr[ADDRESS_BITS-1:2] == WORD_BITS'(2);

  assign s_axil_arready = !s_axil_rvalid;
  assign s_axil_rresp = 2'b00;
  always_ff @(posedge clk) begin
    if (!rst_n) begin
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
      cycles <= '0;
    end else begin
      if (writes) s_axil_bvalid <= 1'b1;
      else if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (s_axil_arvalid && s_axil_arready) s_axil_rvalid <= 1'b1;
      else if (s_axil_rready) s_axil_rvalid <= 1'b0;
      cycles <= clear ? '0 : cycles == '1 ? cycles : cycles + 1'b1;
    end
  end
  always_ff @(posedge clk) begin
    if (s_axil_arvalid && s_axil_arready) s_axil_rdata <= word;
  end
endmodule

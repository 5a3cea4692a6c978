#include "sim/tomato/hardware_testbench.h"

#include <algorithm>

#include <boost/algorithm/string/replace.hpp>
#include <fmt/format.h>

namespace lacuna::tomato {
namespace {

/// A token of a port as a line of a $readmemh file.
std::string token_line(const StreamPort& port, const std::int64_t* values) {
  std::string digits;
  for (std::uint64_t c = port.channels; c-- > 0;) {
    for (std::uint64_t byte = port.bytes_per_value(); byte-- > 0;) {
      digits += fmt::format("{:02x}", static_cast<std::uint64_t>(values[c]) >> (8 * byte) & 0xffU);
    }
  }
  return digits + "\n";
}

template <class Frames>
std::string tokens_text(const StreamPort& port, const Frames& frames) {
  std::string text;
  for (const auto& frame : frames) {
    const std::vector<std::int64_t> values(frame.begin(), frame.end());
    for (std::size_t first = 0; first < values.size(); first += port.channels) {
      text += token_line(port, &values[first]);
    }
  }
  return text;
}

// Names in capitals are replaced.
constexpr const char* text_of_testbench =
    R"(// A self-checking test bench of TOP for any simulator. Ends with "PASS" or an error.
`timescale 1ns / 1ps
module tb_TOP;
  localparam int FRAMES = NUMBER_OF_FRAMES;
  localparam int PIXELS = FRAMES * PIXELS_PER_FRAME;
  localparam int FRAME_TOKENS = TOKENS_PER_FRAME;
  localparam int TOKENS = FRAMES * FRAME_TOKENS;
  localparam int INTERVAL = SOURCE_INTERVAL;  // cycles from pixel to pixel
  localparam int PATIENCE = CYCLES_OF_PATIENCE;

  logic clk = 1'b0;
  logic aresetn = 1'b0;
  logic s_valid = 1'b0;
  logic s_ready, m_valid, m_last;
  logic m_ready = 1'b0;
  logic [INPUT_BITS-1:0] s_data;
  logic [OUTPUT_BITS-1:0] m_data;

  logic [INPUT_BITS-1:0] pixels[0:PIXELS-1];
  logic [OUTPUT_BITS-1:0] expected[0:TOKENS-1];
  logic [63:0] frame_cycles[0:FRAMES-1];
  initial begin
    $readmemh("tb/frames.hex", pixels);
    $readmemh("tb/expected.hex", expected);
    $readmemh("tb/cycles.hex", frame_cycles);
  end

COUNTER_NETS  TOP dut (
      .aclk(clk), .aresetn(aresetn), .s_axis_tvalid(s_valid), .s_axis_tready(s_ready), .s_axis_tdata(s_data),
      .m_axis_tvalid(m_valid), .m_axis_tready(m_ready), .m_axis_tdata(m_data), .m_axis_tlast(m_last)COUNTER_PORTS
  );

  always #5 clk = !clk;

  // Pass 0: full speed; pass 1: stalls at random.
  logic [1:0] pass = 2'd0;
  logic [31:0] noise = 32'h1ac0a5ed;
  logic [63:0] cycle = 64'd0;
  int sent = 0;
  int taken = 0;
  int gap = 0;
  int reset_cycles = 4;
  int idle = 0;
  int next_sent;

  // What the cycle before was like, for the rules of AXI4-Stream.
  logic was_waiting = 1'b0;
  logic [OUTPUT_BITS-1:0] was_data;
  logic was_last;

  // The values of TVALID and TDATA hold from edge to edge: s_data follows `sent`.
  assign s_data = sent < PIXELS ? pixels[sent] : '0;

  always @(posedge clk) begin
    noise <= {noise[30:0], noise[31] ^ noise[21] ^ noise[1] ^ noise[0]};
    if (!aresetn) begin
      if (reset_cycles > 2 && m_valid !== 1'b0 && reset_cycles < 4) $fatal(1, "TVALID in reset");
      reset_cycles <= reset_cycles - 1;
      if (reset_cycles == 1) begin
        aresetn <= 1'b1;
        s_valid <= 1'b1;
        m_ready <= pass == 2'd0;
        cycle <= 64'd0;
      end
    end else begin
      cycle <= cycle + 64'd1;
COUNTER_READS      if (was_waiting && (m_valid !== 1'b1 || m_data !== was_data || m_last !== was_last))
        $fatal(1, "pass %0d, cycle %0d: TVALID, TDATA or TLAST changed before TREADY", pass, cycle);
      was_waiting <= m_valid && !m_ready;
      was_data <= m_data;
      was_last <= m_last;

      // The source.
      next_sent = sent + (s_valid && s_ready ? 1 : 0);
      sent <= next_sent;
      if (s_valid && s_ready) begin
        gap = pass == 2'd0 ? INTERVAL - 1 : noise[3:0] < 4'd9 ? INTERVAL - 1 : INTERVAL - 1 + int'(noise[9:4]);
        s_valid <= gap == 0 && next_sent < PIXELS;
      end else if (!s_valid && next_sent < PIXELS) begin
        gap = gap - 1;
        s_valid <= gap <= 0;
      end

      // The sink.
      m_ready <= pass == 2'd0 || noise[12:10] < 3'd5;
      idle <= (s_valid && s_ready) || (m_valid && m_ready) ? 0 : idle + 1;
      if (m_valid && m_ready) begin
        if (taken < TOKENS) begin
          if (m_data !== expected[taken])
            $fatal(1, "pass %0d, token %0d: %h, expected %h", pass, taken, m_data, expected[taken]);
          if (m_last !== (taken % FRAME_TOKENS == FRAME_TOKENS - 1))
            $fatal(1, "pass %0d, token %0d: TLAST is wrong", pass, taken);
          if (pass == 2'd0 && m_last && cycle != frame_cycles[taken/FRAME_TOKENS])
            $fatal(1, "frame %0d ends in cycle %0d, expected %0d", taken / FRAME_TOKENS, cycle,
                   frame_cycles[taken/FRAME_TOKENS]);
        end
        taken <= taken + 1;
      end
      if (idle > PATIENCE) $fatal(1, "pass %0d: nothing has moved for %0d cycles, %0d tokens of %0d", pass, idle, taken, TOKENS);
      if (taken >= TOKENS && next_sent == PIXELSCOUNTER_CONDITION) begin
        if (pass == 2'd1) begin
          $display("PASS: %0d frames, %0d tokens, twice; at full speed the last in cycle %0d", FRAMES, TOKENS,
                   frame_cycles[FRAMES-1]);
          $finish;
        end
        pass <= 2'd1;
        aresetn <= 1'b0;
        reset_cycles <= 4;
        s_valid <= 1'b0;
        m_ready <= 1'b0;
        was_waiting <= 1'b0;
        sent <= 0;
        taken <= 0;
        idle <= 0;
        gap = 0;
      end
    end
  end
endmodule
)";

constexpr const char* counter_ports = R"(,
      .s_axil_awvalid(aw_valid), .s_axil_awready(aw_ready), .s_axil_awaddr(aw_address), .s_axil_wvalid(aw_valid),
      .s_axil_wready(w_ready), .s_axil_wdata(32'd0), .s_axil_wstrb(4'hf), .s_axil_bvalid(b_valid),
      .s_axil_bready(1'b1), .s_axil_bresp(b_response), .s_axil_arvalid(ar_valid), .s_axil_arready(ar_ready),
      .s_axil_araddr(ar_address), .s_axil_rvalid(r_valid), .s_axil_rready(r_ready), .s_axil_rdata(r_data),
      .s_axil_rresp(r_response))";

// Read behind the first pass, when all tokens have been moved; then cleared, and read again as 0.
constexpr const char* counter_nets = R"(
  localparam int COUNTS = 4 * NUMBER_OF_FIFOS;
  localparam logic [63:0] LAST_CYCLE = 64'dCYCLES_OF_RUN;
  logic [31:0] counts[0:COUNTS-1];
  initial $readmemh("tb/counters.hex", counts);
  logic aw_valid = 1'b0;
  logic ar_valid = 1'b0;
  logic r_ready = 1'b0;
  logic aw_ready, w_ready, b_valid, ar_ready, r_valid;
  logic [1:0] b_response, r_response;
  logic [COUNTER_ADDRESS_BITS-1:0] aw_address = COUNTER_ADDRESS_BITS'(8);
  logic [COUNTER_ADDRESS_BITS-1:0] ar_address = '0;
  logic [31:0] r_data;
  int counted = -1;
  logic cleared = 1'b0;
  logic counters_done = 1'b0;
)";

constexpr const char* counter_reads =
    R"(      r_ready <= noise[3];
      if (pass == 2'd0 && cycle > LAST_CYCLE && !counters_done && !aw_valid && !ar_valid && !r_valid) ar_valid <= 1'b1;
      if (ar_valid && ar_ready) ar_valid <= 1'b0;
      if (r_valid && r_ready) begin
        if (r_response != 2'b00) $fatal(1, "counter at %h: response %b", ar_address, r_response);
        if (counted < 0 && r_data != 32'(NUMBER_OF_FIFOS)) $fatal(1, "%0d FIFOs with counters", r_data);
        if (counted >= 0 && r_data != (cleared ? 32'd0 : counts[counted]))
          $fatal(1, "counter %0d of FIFO %0d is %0d, expected %0d", counted % 4, counted / 4, r_data,
                 cleared ? 32'd0 : counts[counted]);
        counted <= counted + 1;
        ar_address <= COUNTER_ADDRESS_BITS'(4 * (counted + 5));
        if (counted == COUNTS - 1) begin
          counted <= -1;
          ar_address <= '0;
          cleared <= 1'b1;
          counters_done <= cleared;
          aw_valid <= !cleared;
        end
      end
      if (aw_valid && aw_ready && w_ready) aw_valid <= 1'b0;
      if (b_valid && b_response != 2'b00) $fatal(1, "write: response %b", b_response);
)";

/// Of each FIFO: tokens, full stalls, empty stalls, most tokens held.
std::string counters_text(const RunResult& run) {
  std::string text;
  for (const FifoResult& fifo : run.fifos) {
    for (const std::uint64_t count : {fifo.pushes, fifo.full_stall_cycles, fifo.empty_stall_cycles,
                                      std::uint64_t{fifo.high_water_mark}}) {
      text += fmt::format("{:08x}\n", std::min<std::uint64_t>(count, 0xffffffffU));
    }
  }
  return text;
}

/// More cycles than pass between two transfers at the ends when all goes well.
std::uint64_t patience(const Design& design, const TestbenchData& data) {
  const std::uint64_t reading =
      design.counter_address_bits == 0 ? 0 : 200 * (4 * data.result.fifos.size() + 4);
  return 2 * data.result.cycles + 1000 + reading;
}

}  // namespace

std::vector<DesignFile> testbench_files(const Design& design, const TestbenchData& data) {
  std::string cycles;
  for (const std::uint64_t cycle : data.result.frame_cycles) {
    cycles += fmt::format("{:016x}\n", cycle);
  }
  std::string text = text_of_testbench;
  const bool counters = design.counter_address_bits > 0;
  const bool read = counters && data.counters_comparable;
  boost::replace_all(text, "COUNTER_PORTS", counters ? counter_ports : "");
  boost::replace_all(text, "COUNTER_NETS", counters ? counter_nets : "");
  boost::replace_all(text, "COUNTER_CONDITION", read ? " && (pass != 2'd0 || counters_done)" : "");
  boost::replace_all(text, "COUNTER_READS", read ? counter_reads : "");
  boost::replace_all(text, "COUNTER_ADDRESS_BITS", fmt::format("{}", design.counter_address_bits));
  boost::replace_all(text, "NUMBER_OF_FIFOS", fmt::format("{}", data.result.fifos.size()));
  boost::replace_all(text, "CYCLES_OF_RUN", fmt::format("{}", data.result.cycles));
  boost::replace_all(text, "NUMBER_OF_FRAMES", fmt::format("{}", data.frames.size()));
  boost::replace_all(text, "PIXELS_PER_FRAME", fmt::format("{}", design.input.tokens_per_frame));
  boost::replace_all(text, "TOKENS_PER_FRAME", fmt::format("{}", design.output.tokens_per_frame));
  boost::replace_all(text, "SOURCE_INTERVAL", fmt::format("{}", data.interval_cycles));
  boost::replace_all(text, "CYCLES_OF_PATIENCE", fmt::format("{}", patience(design, data)));
  boost::replace_all(text, "INPUT_BITS", fmt::format("{}", design.input.bytes() * 8));
  boost::replace_all(text, "OUTPUT_BITS", fmt::format("{}", design.output.bytes() * 8));
  boost::replace_all(text, "TOP", design.top_name);
  std::vector<DesignFile> files = {{fmt::format("tb/tb_{}.sv", design.top_name), text},
                                   {"tb/frames.hex", tokens_text(design.input, data.frames)},
                                   {"tb/expected.hex", tokens_text(design.output, data.result.outputs)},
                                   {"tb/cycles.hex", cycles}};
  if (counters) {
    files.push_back({"tb/counters.hex", counters_text(data.result)});
  }
  return files;
}

}  // namespace lacuna::tomato

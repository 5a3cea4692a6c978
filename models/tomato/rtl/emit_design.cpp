#include "models/tomato/rtl/emit_design.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/number_format_parts.h"
#include "models/tomato/analysis_steps.h"
#include "models/tomato/rtl/design_text.h"
#include "models/tomato/rtl/memory_words.h"
#include "models/tomato/rtl/window_geometry.h"
#include "models/tomato/stream_rules.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {

int hardware_bits(const Stream& stream) {
  return two_complement_bits(stream.min_mantissa, stream.max_mantissa);
}

std::string hardware_name(const std::string& text) {
  std::string name;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    // Two underlines in a row are left to tools.
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  return name.empty() ? "_" : name;
}

namespace {

/// The least number of bits that count to `largest`; at least 1.
std::uint64_t bits_for(std::uint64_t largest) {
  std::uint64_t bits = 1;
  while (largest >> bits != 0) {
    ++bits;
  }
  return bits;
}

/// A sized literal of any integer in two's complement.
std::string literal(std::int64_t value, int bits) {
  const std::uint64_t mask = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  return fmt::format("{}'h{:x}", bits, static_cast<std::uint64_t>(value) & mask);
}

using Parameter = std::pair<std::string, std::string>;

/// An instance under way.
struct Instance {
  std::string module;
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Parameter> ports;

  void set(const std::string& parameter, std::uint64_t value) {
    parameters.emplace_back(parameter, fmt::format("{}", value));
  }
  void set(const std::string& parameter, std::string value) {
    parameters.emplace_back(parameter, std::move(value));
  }
  void connect(const std::string& port, std::string net) { ports.emplace_back(port, std::move(net)); }

  std::string text() const {
    return fmt::format("  {} #({}\n  ) {} ({}\n  );\n", module, list(parameters), name, list(ports));
  }

 private:
  static std::string list(const std::vector<Parameter>& entries) {
    std::string text;
    for (const auto& [key, value] : entries) {
      text += fmt::format("{}\n      .{}({})", text.empty() ? "" : ",", key, value);
    }
    return text;
  }
};

class Emitter {
 public:
  Emitter(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
          const DesignOptions& options)
      : pipeline_(pipeline), analysis_(analysis), parameters_(parameters), options_(options) {
    design_.edges = edge_hardware(pipeline, analysis, options.data_plane);
  }

  Design emit() {
    design_.top_name = options_.top_name;
    choose_names();
    design_.input = port(analysis_.streams[analysis_.units[analysis_.source].outputs.front()]);
    design_.output = port(analysis_.streams[analysis_.units[analysis_.sink].inputs.front()]);
    for (std::size_t edge = 0; edge < pipeline_.edges.size(); ++edge) {
      emit_fifo(edge);
    }
    for (std::size_t edge = 0; edge < pipeline_.edges.size(); ++edge) {
      if (design_.edges[edge].store) {
        emit_store(*design_.edges[edge].store);
      }
    }
    for (std::size_t unit = 0; unit < pipeline_.units.size(); ++unit) {
      position_ = unit;
      body_ +=
          fmt::format("\n  // {}: {}\n", pipeline_.units[unit].name, to_text(pipeline_.units[unit].kind));
      emit_unit();
    }
    emit_counters();
    if (!unused_.empty()) {
      body_ += fmt::format("\n  logic unused_ports;\n  assign unused_ports = &{{1'b0, {}}};\n",
                           fmt::join(unused_, ", "));
    }
    design_.top = header() + body_ + "endmodule\n";
    return std::move(design_);
  }

 private:
  static StreamPort port(const Stream& stream) {
    return {stream.values_per_token(), hardware_bits(stream), stream.tokens_per_frame()};
  }

  void choose_names() {
    std::set<std::string> used;
    for (const Unit& unit : pipeline_.units) {
      const std::string plain = "u_" + hardware_name(unit.name);
      std::string name = plain;
      for (int number = 2; !used.insert(name).second; ++number) {
        name = fmt::format("{}_{}", plain, number);
      }
      design_.unit_names.push_back(name);
    }
  }

  std::string header() const {
    return fmt::format(
        "// The pipeline \"{}\": units and FIFOs, one instance each, and wires.\n"
        "module {} (\n"
        "{}{}\n"
        ");\n",
        printable(pipeline_.name), design_.top_name, stream_ports(design_),
        options_.counters ? counter_ports() : "");
  }

  std::uint64_t counter_address_bits() const { return bits_for(4 * pipeline_.edges.size() + 3) + 2; }

  static constexpr std::array<const char*, 17> counter_signals = {
      "awvalid", "awready", "awaddr",  "wvalid", "wready", "wdata",  "wstrb", "bvalid", "bready",
      "bresp",   "arvalid", "arready", "araddr", "rvalid", "rready", "rdata", "rresp"};

  std::string counter_ports() const {
    return fmt::format(
        ",\n"
        "    input  logic s_axil_awvalid,\n"
        "    output logic s_axil_awready,\n"
        "    input  logic [{0}:0] s_axil_awaddr,\n"
        "    input  logic s_axil_wvalid,\n"
        "    output logic s_axil_wready,\n"
        "    input  logic [31:0] s_axil_wdata,\n"
        "    input  logic [3:0] s_axil_wstrb,\n"
        "    output logic s_axil_bvalid,\n"
        "    input  logic s_axil_bready,\n"
        "    output logic [1:0] s_axil_bresp,\n"
        "    input  logic s_axil_arvalid,\n"
        "    output logic s_axil_arready,\n"
        "    input  logic [{0}:0] s_axil_araddr,\n"
        "    output logic s_axil_rvalid,\n"
        "    input  logic s_axil_rready,\n"
        "    output logic [31:0] s_axil_rdata,\n"
        "    output logic [1:0] s_axil_rresp",
        counter_address_bits() - 1);
  }

  /// Counters of every FIFO and their registers; without them what they would watch is left open.
  void emit_counters() {
    const std::size_t fifos = pipeline_.edges.size();
    if (!options_.counters) {
      std::vector<std::string> watched;
      for (std::size_t edge = 0; edge < fifos; ++edge) {
        watched.push_back(net(edge, "offers"));
        watched.push_back(net(edge, "waits"));
      }
      body_ += fmt::format("\n  logic unused_watched;\n  assign unused_watched = &{{1'b0, {}}};\n",
                           fmt::join(watched, ", "));
      return;
    }
    body_ += fmt::format("\n  // counters\n  logic counters_clear;\n  logic [{}:0] counters_all;\n",
                         fifos * 128 - 1);
    for (std::size_t edge = 0; edge < fifos; ++edge) {
      Instance i{"tomato_fifo_counters", fmt::format("counters_{}", edge), {}, {}};
      i.set("DEPTH", pipeline_.edges[edge].depth);
      add_clock(i);
      i.connect("clear", "counters_clear");
      for (const char* const signal : {"push", "pop", "full", "empty", "offers", "waits"}) {
        i.connect(signal, net(edge, signal));
      }
      i.connect("counts", fmt::format("counters_all[{}+:128]", edge * 128));
      body_ += i.text();
    }
    Instance i{"tomato_counters", "counters", {}, {}};
    i.set("FIFOS", fifos);
    i.set("ADDRESS_BITS", counter_address_bits());
    add_clock(i);
    i.connect("counts", "counters_all");
    i.connect("clear", "counters_clear");
    for (const char* const signal : counter_signals) {
      i.connect(std::string("s_axil_") + signal, std::string("s_axil_") + signal);
    }
    body_ += i.text();
    design_.counter_address_bits = counter_address_bits();
  }

  static std::string printable(std::string text) {
    for (char& c : text) {
      c = std::isprint(static_cast<unsigned char>(c)) != 0 ? c : '?';
    }
    return text;
  }

  // What units are made of.
  const Unit& unit() const { return pipeline_.units[position_]; }
  const UnitPlan& plan() const { return analysis_.units[position_]; }
  const Stream& input(std::size_t number = 0) const { return analysis_.streams[plan().inputs[number]]; }
  const Stream& output() const { return analysis_.streams[plan().outputs.front()]; }
  static std::uint64_t token_bits(const Stream& stream) {
    return stream.values_per_token() * static_cast<std::uint64_t>(hardware_bits(stream));
  }
  static std::string net(std::size_t edge, const char* what) { return fmt::format("e{}_{}", edge, what); }
  std::string in(const char* what, std::size_t number = 0) const { return net(plan().inputs[number], what); }
  std::string out(const char* what) const { return net(plan().outputs.front(), what); }

  void emit_fifo(std::size_t edge) {
    const Edge& e = pipeline_.edges[edge];
    const Stream& stream = analysis_.streams[edge];
    const EdgeHardware& hardware = design_.edges[edge];
    const auto bits = static_cast<std::uint64_t>(hardware_bits(stream));
    const bool counts = hardware.store || hardware.counts_alone;
    body_ += fmt::format(
        "\n  // {0}\n"
        "  logic e{1}_full, e{1}_push, e{1}_empty, e{1}_pop, e{1}_offers, e{1}_waits;\n",
        printable(edge_name(pipeline_, e)), edge);
    if (!counts) {
      body_ += fmt::format("  logic [{1}:0] e{0}_in, e{0}_out;\n", edge, token_bits(stream) - 1);
    }
    if (hardware.store) {
      body_ += fmt::format("  logic e{0}_write;\n  logic [{1}:0] e{0}_in;\n", edge,
                           hardware.store->write_lanes * bits - 1);
      if (!writes_slices(pipeline_.units[e.from], analysis_.units[e.from])) {
        body_ += fmt::format("  assign e{0}_write = e{0}_push;\n", edge);
      }
    }
    Instance fifo{counts ? "tomato_count" : "tomato_fifo", fmt::format("fifo_{}", edge), {}, {}};
    if (!counts) {
      fifo.set("BITS", token_bits(stream));
    }
    fifo.set("DEPTH", e.depth);
    add_clock(fifo);
    fifo.connect("push", net(edge, "push"));
    fifo.connect("full", net(edge, "full"));
    fifo.connect("pop", net(edge, "pop"));
    fifo.connect("empty", net(edge, "empty"));
    if (!counts) {
      fifo.connect("push_data", net(edge, "in"));
      fifo.connect("pop_data", net(edge, "out"));
    }
    body_ += fifo.text();
  }

  void emit_store(const PixelStore& store) {
    const Stream& pixels = analysis_.streams[store.write_edge];
    const std::size_t reader_at = pipeline_.edges[store.read_edge].to;
    const Unit& reader = pipeline_.units[reader_at];
    const UnitPlan& plan = analysis_.units[reader_at];
    const int bits = hardware_bits(pixels);
    const bool sliced = reads_slices(reader, plan);
    const UnitTraits& kind = traits(reader.kind);
    body_ += fmt::format("\n  logic e{0}_step;\n  logic [{1}:0] e{0}_out;\n", store.read_edge,
                         store.tap_lanes * store.read_lanes * static_cast<std::uint64_t>(bits) - 1);
    if (!sliced) {
      body_ += fmt::format("  assign e{0}_step = e{0}_pop;\n", store.read_edge);
    }
    Instance i{"tomato_pixels", fmt::format("store_{}", store.write_edge), {}, {}};
    i.set("BITS", static_cast<std::uint64_t>(bits));
    i.set("CHANNELS", pixels.map.channels);
    i.set("WRITE_LANES", store.write_lanes);
    i.set("READ_LANES", store.read_lanes);
    i.set("WORD_WRITES", store.word_writes);
    i.set("WORD_READS", store.word_reads);
    if (store.window) {
      const Unit& window = pipeline_.units[*store.window];
      const WindowGeometry geometry(window.window, pixels.map);
      i.set("HEIGHT", geometry.rows().size);
      i.set("WIDTH", geometry.columns().size);
      i.set("KERNEL_HEIGHT", geometry.rows().kernel);
      i.set("KERNEL_WIDTH", geometry.columns().kernel);
      i.set("STRIDE", geometry.rows().stride);
      i.set("PAD_TOP", geometry.rows().padding);
      i.set("PAD_LEFT", geometry.columns().padding);
      i.set("ROWS", geometry.rows().positions);
      i.set("COLUMNS", geometry.columns().positions);
      i.set("TAP_LANES", store.tap_lanes);
      i.set("PADDING", literal(window.window.padding == Padding::lowest ? pixels.min_mantissa : 0, bits));
      i.set("FILL", literal(reader.kind == UnitKind::max_pool ? -(std::int64_t{1} << (bits - 1)) : 0, bits));
    }
    if (sliced && kind.joins_channels) {
      i.set("REPEATS", plan.output_steps);
    }
    i.set("CHANNELS_OUTER", kind.joins_channels ? 0 : 1);
    i.set("BANKS", store.banks);
    i.set("ENTRIES", store.entries);
    add_clock(i);
    i.connect("write", net(store.write_edge, "write"));
    i.connect("value", net(store.write_edge, "in"));
    i.connect("push", net(store.write_edge, "push"));
    i.connect("step", net(store.read_edge, "step"));
    i.connect("slice", net(store.read_edge, "out"));
    body_ += i.text();
  }

  /// A net for an output that nothing takes.
  std::string unused_net(const char* what, std::uint64_t bits = 1) {
    std::string name = fmt::format("{}_{}", design_.unit_names[position_], what);
    body_ +=
        bits == 1 ? fmt::format("  logic {};\n", name) : fmt::format("  logic [{}:0] {};\n", bits - 1, name);
    unused_.push_back(name);
    return name;
  }

  bool takes_slices() const {
    const EdgeHardware& edge = design_.edges[plan().inputs.front()];
    return (edge.store || edge.counts_alone) && reads_slices(unit(), plan());
  }
  bool gives_slices() const {
    return design_.edges[plan().outputs.front()].store && writes_slices(unit(), plan());
  }

  /// Of the modules that work on slices where there are some.
  void connect_slices(Instance& i) {
    i.set("SLICED_IN", takes_slices() ? 1 : 0);
    i.set("SLICED_OUT", gives_slices() ? 1 : 0);
    i.connect("in_step", takes_slices() ? in("step") : unused_net("step"));
    i.connect("out_write", gives_slices() ? out("write") : unused_net("write"));
  }

  static void add_clock(Instance& instance) {
    instance.connect("clk", "aclk");
    instance.connect("rst_n", "aresetn");
  }

  Instance instance(const char* module) const { return {module, design_.unit_names[position_], {}, {}}; }

  void connect_output(Instance& i) const {
    i.connect("out_full", out("full"));
    i.connect("out_data", out("in"));
    i.connect("out_push", out("push"));
    i.connect("out_offers", out("offers"));
  }
  /// Clock, one input and one output.
  void connect(Instance& i) const {
    add_clock(i);
    i.connect("in_empty", in("empty"));
    i.connect("in_data", in("out"));
    i.connect("in_pop", in("pop"));
    i.connect("in_waits", in("waits"));
    connect_output(i);
  }

  void emit_unit() {
    switch (unit().kind) {
      case UnitKind::source:
        return emit_source();
      case UnitKind::sink:
        return emit_sink();
      case UnitKind::window:
        return emit_window();
      case UnitKind::convolution:
      case UnitKind::depthwise:
      case UnitKind::pointwise:
      case UnitKind::fully_connected:
        return emit_dot();
      case UnitKind::max_pool:
      case UnitKind::sum_pool:
      case UnitKind::global_sum_pool:
        return emit_pool();
      case UnitKind::add:
        return emit_add();
      case UnitKind::concat:
      case UnitKind::fork:
        return emit_pass();
      case UnitKind::requantise:
        return emit_requantise();
      case UnitKind::link:
        return emit_link();
      case UnitKind::winners:
        return emit_winners();
      case UnitKind::boost:
        return emit_boost();
      case UnitKind::select:
        return emit_select();
    }
  }

  static void set_port(Instance& i, const StreamPort& port) {
    i.set("CHANNELS", port.channels);
    i.set("BITS", static_cast<std::uint64_t>(port.value_bits));
    i.set("BYTES", port.bytes_per_value());
  }

  void emit_source() {
    Instance i = instance("tomato_source");
    set_port(i, design_.input);
    i.connect("s_axis_tvalid", "s_axis_tvalid");
    i.connect("s_axis_tready", "s_axis_tready");
    i.connect("s_axis_tdata", "s_axis_tdata");
    connect_output(i);
    body_ += i.text();
  }

  void emit_sink() {
    Instance i = instance("tomato_sink");
    set_port(i, design_.output);
    i.set("TOKENS", design_.output.tokens_per_frame);
    add_clock(i);
    i.connect("in_empty", in("empty"));
    i.connect("in_data", in("out"));
    i.connect("in_pop", in("pop"));
    i.connect("in_waits", in("waits"));
    i.connect("m_axis_tvalid", "m_axis_tvalid");
    i.connect("m_axis_tready", "m_axis_tready");
    i.connect("m_axis_tdata", "m_axis_tdata");
    i.connect("m_axis_tlast", "m_axis_tlast");
    body_ += i.text();
  }

  void emit_window() {
    const WindowGeometry geometry(unit().window, input().map);
    const std::uint64_t pixel_bits = bits_for(geometry.pixels() + geometry.buffer_pixels());
    const std::uint64_t kernel_width = geometry.columns().kernel;
    const std::uint64_t bank_words = divide_up(geometry.columns().size, kernel_width);
    const std::uint64_t line_bits = bits_for(geometry.lines() - 1);
    const std::uint64_t bank_bits = bits_for(kernel_width - 1);
    const std::uint64_t address_bits = bits_for(bank_words - 1);
    const std::int64_t padding = unit().window.padding == Padding::lowest ? input().min_mantissa : 0;

    const bool sliced = design_.edges[plan().outputs.front()].counts_alone;
    const std::uint64_t rows = geometry.rows().positions;
    const std::uint64_t columns = geometry.columns().positions;
    Instance i = instance(sliced ? "tomato_window_control" : "tomato_window");
    i.set("ROWS", rows);
    i.set("COLUMNS", columns);
    i.set("BUFFER", geometry.buffer_pixels());
    i.set("PIXEL_BITS", pixel_bits);
    i.set("READS_NOTHING", geometry.reads_map() ? 0 : 1);
    i.set("FIRST_READS", geometry.rows().first_read(0) && geometry.columns().first_read(0) ? 1 : 0);
    i.set("FIRST_NEEDED", geometry.pixels_needed(0));
    i.set("FIRST_DEAD", geometry.reads_map() ? geometry.first_pixel_from(0) : 0);
    i.set("ROW_TABLE", memory("rows", window_rows(geometry, pixel_bits)));
    i.set("COLUMN_TABLE", memory("columns", window_columns(geometry, pixel_bits)));
    add_clock(i);
    i.connect("in_empty", in("empty"));
    i.connect("in_pop", in("pop"));
    i.connect("in_waits", in("waits"));
    i.connect("out_full", out("full"));
    i.connect("out_push", out("push"));
    i.connect("out_offers", out("offers"));
    if (sliced) {
      i.set("PIXELS", geometry.pixels());
      i.set("ROW_BITS", bits_for(rows - 1));
      i.set("COLUMN_BITS", bits_for(columns - 1));
      i.connect("row", unused_net("row", bits_for(rows - 1)));
      i.connect("column", unused_net("column", bits_for(columns - 1)));
      i.connect("last_window", unused_net("last_window"));
    } else {
      i.set("HEIGHT", geometry.rows().size);
      i.set("WIDTH", geometry.columns().size);
      i.set("PIXEL", token_bits(input()));
      i.set("KERNEL_HEIGHT", geometry.rows().kernel);
      i.set("KERNEL_WIDTH", kernel_width);
      i.set("LINES", geometry.lines());
      i.set("LINE_BITS", line_bits);
      i.set("BANK_BITS", bank_bits);
      i.set("ADDRESS_BITS", address_bits);
      i.set("PADDING", fmt::format("{{{}{{{}}}}}", input().values_per_token(),
                                   literal(padding, hardware_bits(input()))));
      i.set("LINE_TABLE", memory("lines", window_lines(geometry, line_bits)));
      i.set("BANK_TABLE", memory("banks", window_banks(geometry, bank_bits, address_bits)));
      i.connect("in_data", in("out"));
      i.connect("out_data", out("in"));
    }
    body_ += i.text();
  }

  void emit_dot() {
    const UnitTraits& kind = traits(unit().kind);
    const NumberFormat& format = unit().weights.format;
    const bool depthwise = unit().kind == UnitKind::depthwise;
    const std::uint64_t tap_lanes = kind.unrolls_taps ? unit().unroll.taps : 1;
    const std::uint64_t input_lanes = depthwise ? 1 : unit().unroll.input_channels;
    const std::uint64_t multiply = multiplier_stages(format);
    const bool gated = plan().output_gate_input || plan().input_gate_input;
    Instance i = instance(gated ? "tomato_gated_dot" : "tomato_dot");
    i.set("TAPS", input().taps);
    i.set("CHANNELS", input().map.channels);
    i.set("VALUE_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
    i.set("OUTPUTS", output().map.channels);
    i.set("SUM_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
    i.set("TAP_LANES", tap_lanes);
    i.set("INPUT_LANES", input_lanes);
    i.set("OUTPUT_LANES", unit().unroll.output_channels);
    i.set("DEPTHWISE", depthwise ? 1 : 0);
    if (channel_groups(unit()) > 1) {
      i.set("CHANNEL_GROUPS", channel_groups(unit()));
    }
    i.set("TOKENS", kind.collects_frame ? plan().tokens_per_frame : 1);
    i.set("KIND", weight_kind(format));
    i.set("WEIGHT_BITS", static_cast<std::uint64_t>(format.width_bits));
    if (format.kind == NumberKind::recentralised_shift) {
      const int unit = unit_exponent(format);
      i.set("PLACE", static_cast<std::uint64_t>(-format.bias - unit));
      i.set("NEGATIVE_CENTRE", static_cast<std::uint64_t>(format.negative_centre - unit));
      i.set("POSITIVE_CENTRE", static_cast<std::uint64_t>(format.positive_centre - unit));
    }
    i.set("MULTIPLY_STAGES", multiply);
    i.set("LEVELS_PER_STAGE", parameters_.adder_levels_per_cycle);
    i.set("TREE_STAGES", plan().latency_cycles - multiply - parameters_.accumulator_latency_cycles);
    i.set("SUM_STAGES", parameters_.accumulator_latency_cycles);
    i.set("WEIGHTS", memory("weights", options_.memories ? weight_words(pipeline_, analysis_, position_,
                                                                        tap_lanes, input_lanes)
                                                         : ""));
    if (gated) {
      connect_gates(i);
      pop_gates();
    } else {
      connect_slices(i);
    }
    connect(i);
    body_ += i.text();
  }

  /// Of a unit with weights; a gate that it does not have is a constant.
  void connect_gates(Instance& i) const {
    i.set("FRAME_TOKENS", plan().tokens_per_frame);
    connect_gate(i, "OUTPUT_GATE", "output_gate", plan().output_gate_input, output().map.channels);
    connect_gate(i, "INPUT_GATE", "input_gate", plan().input_gate_input, input().map.channels);
    i.connect("gate_pop", design_.unit_names[position_] + "_gate_pop");
    i.connect("gate_waits", design_.unit_names[position_] + "_gate_waits");
  }
  void connect_gate(Instance& i, const std::string& parameter, const std::string& port,
                    const std::optional<std::size_t>& number, std::uint64_t channels) const {
    const std::uint64_t bits = number ? static_cast<std::uint64_t>(hardware_bits(input(*number))) : 1;
    i.set(parameter, number ? 1 : 0);
    i.set(parameter + "_BITS", bits);
    i.connect(port + "_empty", number ? in("empty", *number) : "1'b1");
    i.connect(port + "_data", number ? in("out", *number) : fmt::format("{}'b0", channels));
  }

  /// Gates are popped together.
  void pop_gates() {
    const std::string pop = design_.unit_names[position_] + "_gate_pop";
    const std::string waits = design_.unit_names[position_] + "_gate_waits";
    body_ += fmt::format("  logic {}, {};\n", pop, waits);
    for (const auto& number : {plan().output_gate_input, plan().input_gate_input}) {
      if (number) {
        body_ += fmt::format("  assign {} = {};\n  assign {} = {};\n", in("pop", *number), pop,
                             in("waits", *number), waits);
      }
    }
  }

  void emit_winners() {
    Instance i = instance("tomato_winners");
    i.set("CHANNELS", input().map.channels);
    i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
    i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
    i.set("WINNERS", unit().winners);
    if (unit().winner_lanes > 1) {
      i.set("LANES", unit().winner_lanes);
    }
    i.set("STAGES", plan().latency_cycles);
    connect(i);
    body_ += i.text();
    design_.winners.push_back(position_);
  }

  void emit_boost() {
    Instance i = instance("tomato_boost");
    i.set("CHANNELS", input().map.channels);
    i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
    i.set("GATE_BITS", static_cast<std::uint64_t>(hardware_bits(input(1))));
    i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
    i.set("LANES", unit().unroll.output_channels);
    i.set("FRAME_TOKENS", plan().tokens_per_frame);
    i.set("STAGES", plan().latency_cycles);
    i.connect("gate_empty", in("empty", 1));
    i.connect("gate_data", in("out", 1));
    i.connect("gate_pop", in("pop", 1));
    i.connect("gate_waits", in("waits", 1));
    connect(i);
    body_ += i.text();
  }

  std::uint64_t multiplier_stages(const NumberFormat& format) const {
    if (format.is_shift()) {
      return parameters_.shifter_latency_cycles;
    }
    return format.is_two_complement() ? parameters_.multiplier_latency_cycles
                                      : parameters_.selector_latency_cycles;
  }

  /// As tomato_product.sv counts them.
  static std::uint64_t weight_kind(const NumberFormat& format) {
    switch (format.kind) {
      case NumberKind::shift:
        return 1;
      case NumberKind::recentralised_shift:
        return 2;
      case NumberKind::ternary:
        return 3;
      case NumberKind::binary:
        return 4;
      case NumberKind::fixed:
      case NumberKind::dynamic_fixed:
        break;
    }
    return 0;
  }

  void emit_pool() {
    const UnitTraits& kind = traits(unit().kind);
    const bool largest = unit().kind == UnitKind::max_pool;
    Instance i = instance("tomato_pool");
    i.set("TAPS", input().taps);
    i.set("CHANNELS", input().map.channels);
    i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
    i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
    i.set("TAP_LANES", kind.unrolls_taps ? unit().unroll.taps : 1);
    i.set("LANES", unit().unroll.output_channels);
    i.set("TOKENS", kind.collects_frame ? plan().tokens_per_frame : 1);
    i.set("LARGEST", largest ? 1 : 0);
    i.set("LEVELS_PER_STAGE",
          largest ? parameters_.comparator_levels_per_cycle : parameters_.adder_levels_per_cycle);
    i.set("TREE_STAGES", plan().latency_cycles - (largest ? 1 : parameters_.accumulator_latency_cycles));
    i.set("STAGES", plan().latency_cycles);
    connect_slices(i);
    connect(i);
    body_ += i.text();
  }

  void emit_add() {
    const int unit_of_sum = output().unit_exponent;
    Instance i = instance("tomato_add");
    i.set("CHANNELS", output().map.channels);
    i.set("A_BITS", static_cast<std::uint64_t>(hardware_bits(input(0))));
    i.set("A_SHIFT", static_cast<std::uint64_t>(input(0).unit_exponent - unit_of_sum));
    i.set("B_BITS", static_cast<std::uint64_t>(hardware_bits(input(1))));
    i.set("B_SHIFT", static_cast<std::uint64_t>(input(1).unit_exponent - unit_of_sum));
    i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
    i.set("LANES", unit().unroll.output_channels);
    add_clock(i);
    i.connect("in_empty", fmt::format("{{{}, {}}}", in("empty", 1), in("empty", 0)));
    i.connect("a_data", in("out", 0));
    i.connect("b_data", in("out", 1));
    i.connect("in_pop", in("pop", 0));
    i.connect("in_waits", in("waits", 0));
    connect_output(i);
    body_ += i.text() + fmt::format("  assign {} = {};\n  assign {} = {};\n", in("pop", 1), in("pop", 0),
                                    in("waits", 1), in("waits", 0));
  }

  void emit_pass() {
    const std::vector<std::size_t>& inputs = plan().inputs;
    const std::vector<std::size_t>& outputs = plan().outputs;
    const std::string& name = design_.unit_names[position_];
    std::vector<std::string> data;
    std::vector<std::string> empty;
    data.reserve(inputs.size());
    empty.reserve(inputs.size());
    for (std::size_t number = 0; number < inputs.size(); ++number) {
      const bool extends = hardware_bits(input(number)) != hardware_bits(output());
      data.push_back(extends ? extended(number) : net(inputs[number], "out"));
      empty.push_back(net(inputs[number], "empty"));
    }
    std::vector<std::string> full;
    full.reserve(outputs.size());
    for (const std::size_t edge : outputs) {
      full.push_back(net(edge, "full"));
    }
    Instance i{"tomato_pass", name, {}, {}};
    i.set("BITS", token_bits(output()));
    i.set("INPUTS", inputs.size());
    i.set("OUTPUTS", outputs.size());
    add_clock(i);
    i.connect("in_empty", concatenation(empty));
    i.connect("in_data", concatenation(data));
    i.connect("in_pop", in("pop"));
    i.connect("in_waits", in("waits"));
    i.connect("out_full", concatenation(full));
    i.connect("out_data", out("in"));
    i.connect("out_push", out("push"));
    i.connect("out_offers", out("offers"));
    body_ += i.text();
    for (std::size_t number = 1; number < inputs.size(); ++number) {
      body_ += fmt::format("  assign {} = {};\n  assign {} = {};\n", net(inputs[number], "pop"), in("pop"),
                           net(inputs[number], "waits"), in("waits"));
    }
    for (std::size_t number = 1; number < outputs.size(); ++number) {
      body_ += fmt::format("  assign {} = {};\n  assign {} = {};\n  assign {} = {};\n",
                           net(outputs[number], "push"), out("push"), net(outputs[number], "in"), out("in"),
                           net(outputs[number], "offers"), out("offers"));
    }
  }

  /// Channels by wires alone.
  void emit_select() {
    const auto bits = static_cast<std::uint64_t>(hardware_bits(input()));
    std::vector<bool> is_used(input().map.channels, false);
    std::vector<std::string> chosen;
    std::vector<std::string> unused;
    for (const std::uint32_t channel : unit().selected) {
      chosen.push_back(channel_slice(channel, bits));
      is_used[channel] = true;
    }
    for (std::uint32_t channel = 0; channel < input().map.channels; ++channel) {
      if (!is_used[channel]) {
        unused.push_back(channel_slice(channel, bits));
      }
    }
    Instance i = instance("tomato_pass");
    i.set("BITS", token_bits(output()));
    i.set("INPUTS", 1);
    i.set("OUTPUTS", 1);
    add_clock(i);
    i.connect("in_empty", in("empty"));
    i.connect("in_data", concatenation(chosen));
    i.connect("in_pop", in("pop"));
    i.connect("in_waits", in("waits"));
    connect_output(i);
    body_ += i.text();
    if (!unused.empty()) {
      const std::string net_name = design_.unit_names[position_] + "_unused";
      body_ += fmt::format("  logic {0};\n  assign {0} = &{{1'b0, {1}}};\n", net_name, concatenation(unused));
    }
  }
  std::string channel_slice(std::uint32_t channel, std::uint64_t bits) const {
    return fmt::format("{}[{}+:{}]", in("out"), channel * bits, bits);
  }

  /// The net of an input's values in the output's width.
  std::string extended(std::size_t number) {
    std::string net_name = fmt::format("{}_in{}", design_.unit_names[position_], number);
    body_ += fmt::format(
        "  logic [{}:0] {};\n",
        input(number).values_per_token() * static_cast<std::uint64_t>(hardware_bits(output())) - 1, net_name);
    Instance i{"tomato_extend", net_name + "_extend", {}, {}};
    i.set("COUNT", input(number).values_per_token());
    i.set("FROM_BITS", static_cast<std::uint64_t>(hardware_bits(input(number))));
    i.set("TO_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
    i.connect("from", in("out", number));
    i.connect("to", net_name);
    body_ += i.text();
    return net_name;
  }

  void emit_requantise() {
    const Requantisation& r = unit().requantisation;
    const NumberFormat& format = r.format;
    Instance i = instance("tomato_requantise");
    i.set("CHANNELS", output().map.channels);
    i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
    i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
    i.set("LANES", unit().unroll.output_channels);
    i.set("STAGES", plan().latency_cycles);
    if (format.is_two_complement()) {
      i.set("FORMAT", 0);
      i.set("FORMAT_BITS", static_cast<std::uint64_t>(format.width_bits));
    } else if (format.kind == NumberKind::binary) {
      i.set("FORMAT", 2);
    } else {
      i.set("FORMAT", 1);
      i.set("FORMAT_BITS", format.is_shift() ? static_cast<std::uint64_t>(largest_shift(format)) : 0);
    }
    i.set("SHIFT", r.shift);
    i.set("OFFSET_SHIFT", r.offset_shift);
    i.set("ROUNDING", static_cast<std::uint64_t>(r.rounding));
    i.set("RECTIFY", r.relu ? 1 : 0);
    if (r.relu && r.maximum) {
      i.set("LIMIT", 1);
      i.set("MAXIMUM", literal(*r.maximum, 40));
    }
    if (options_.halves_products) {
      i.set("HALVES", 1);
    }
    i.set("SCALES", memory("scales", options_.memories ? scale_words(unit(), output().map.channels) : ""));
    connect_slices(i);
    connect(i);
    body_ += i.text();
    design_.requantisers.push_back(position_);
  }

  void emit_link() {
    Instance i = instance("tomato_link");
    i.set("BITS", token_bits(input()));
    i.set("WORDS", plan().issue_cycles);
    i.set("LATENCY", unit().link.latency_cycles);
    i.set("TOKENS", unit().link.buffer_tokens);
    connect(i);
    body_ += i.text();
  }

  /// Adds a memory file; its name as SystemVerilog's string.
  std::string memory(const char* what, std::string text) {
    const std::string path = fmt::format("mem/{}.{}.hex", design_.unit_names[position_].substr(2), what);
    design_.memories.push_back({path, std::move(text)});
    return fmt::format("\"{}{}\"", options_.memory_folder, path);
  }

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  const Parameters& parameters_;
  const DesignOptions& options_;
  std::size_t position_ = 0;
  Design design_;
  std::string body_;
  std::vector<std::string> unused_;
};

}  // namespace

Design emit_design(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                   const DesignOptions& options) {
  return Emitter(pipeline, analysis, parameters, options).emit();
}

}  // namespace lacuna::tomato

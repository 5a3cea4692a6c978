#include "models/tomato/rtl/emit_design.h"

#include <array>
#include <cctype>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/number_format_parts.h"
#include "models/tomato/rtl/design_emitter.h"
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

StreamPort port(const Stream& stream) {
  return {stream.values_per_token(), hardware_bits(stream), stream.tokens_per_frame()};
}

constexpr std::array<const char*, 17> counter_signals = {
    "awvalid", "awready", "awaddr",  "wvalid", "wready", "wdata",  "wstrb", "bvalid", "bready",
    "bresp",   "arvalid", "arready", "araddr", "rvalid", "rready", "rdata", "rresp"};

}  // namespace

std::string net(std::size_t edge, const char* what) {
  return fmt::format("e{}_{}", edge, what);
}

std::uint64_t token_bits(const Stream& stream) {
  return stream.values_per_token() * static_cast<std::uint64_t>(hardware_bits(stream));
}

DesignEmitter::DesignEmitter(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                             const DesignOptions& options)
    : pipeline_(pipeline), analysis_(analysis), parameters_(parameters), options_(options) {
  design_.edges = edge_hardware(pipeline, analysis, options.data_plane);
}

Design DesignEmitter::emit() {
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
    body_ += fmt::format("\n  // {}: {}\n", pipeline_.units[unit].name, to_text(pipeline_.units[unit].kind));
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

void DesignEmitter::choose_names() {
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

std::string DesignEmitter::header() const {
  return fmt::format(
      "// The pipeline \"{}\": units and FIFOs, one instance each, and wires.\n"
      "module {} (\n"
      "{}{}\n"
      ");\n",
      printable(pipeline_.name), design_.top_name, stream_ports(design_),
      options_.counters ? counter_ports() : "");
}

std::string DesignEmitter::counter_ports() const {
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

void DesignEmitter::emit_counters() {
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
    Instance i{"tomato_fifo_counters", fmt::format("counters_{}", edge)};
    i.set("DEPTH", pipeline_.edges[edge].depth);
    i.connect_clock();
    i.connect("clear", "counters_clear");
    for (const char* const signal : {"push", "pop", "full", "empty", "offers", "waits"}) {
      i.connect(signal, net(edge, signal));
    }
    i.connect("counts", fmt::format("counters_all[{}+:128]", edge * 128));
    body_ += i.text();
  }
  Instance i{"tomato_counters", "counters"};
  i.set("FIFOS", fifos);
  i.set("ADDRESS_BITS", counter_address_bits());
  i.connect_clock();
  i.connect("counts", "counters_all");
  i.connect("clear", "counters_clear");
  for (const char* const signal : counter_signals) {
    i.connect(std::string("s_axil_") + signal, std::string("s_axil_") + signal);
  }
  body_ += i.text();
  design_.counter_address_bits = counter_address_bits();
}

std::string DesignEmitter::memory(const char* what, std::string text) {
  const std::string path = fmt::format("mem/{}.{}.hex", design_.unit_names[position_].substr(2), what);
  design_.memories.push_back({path, std::move(text)});
  return fmt::format("\"{}{}\"", options_.memory_folder, path);
}

void DesignEmitter::emit_unit() {
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

Design emit_design(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                   const DesignOptions& options) {
  return DesignEmitter(pipeline, analysis, parameters, options).emit();
}

}  // namespace lacuna::tomato

#include <algorithm>

#include <fmt/format.h>

#include "models/tomato/rtl/design_text.h"

namespace lacuna::tomato {
namespace {

/// The FIFOs whose tokens can be watched, and bits of the widest.
struct Watchable {
  std::string cases;
  std::uint64_t bits = 1;
};

Watchable watchable_edges(const Pipeline& pipeline, const Analysis& analysis, const Design& design) {
  Watchable result;
  for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
    const Stream& stream = analysis.streams[edge];
    if (stream.is_window) {
      continue;
    }
    const std::uint64_t bits = stream.values_per_token() * static_cast<std::uint64_t>(hardware_bits(stream));
    result.bits = std::max(result.bits, bits);
    const std::size_t writer = pipeline.edges[edge].from;
    const bool is_stored =
        design.edges[edge].store && writes_slices(pipeline.units[writer], analysis.units[writer]);
    result.cases += fmt::format(
        "      {}: watched[{}:0] = {};\n", edge, bits - 1,
        is_stored ? fmt::format("top.store_{}.probe_token", edge) : fmt::format("top.e{}_in", edge));
  }
  return result;
}

}  // namespace

std::string emit_probe(const Pipeline& pipeline, const Analysis& analysis, const Design& design,
                       const std::string& name) {
  const auto bits = [&](const char* what) {
    std::vector<std::string> list;
    list.reserve(pipeline.edges.size());
    for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
      list.push_back(fmt::format("top.e{}_{}", edge, what));
    }
    return concatenation(list);
  };
  std::vector<std::string> clipped;
  std::vector<std::string> tokens;
  for (const std::size_t unit : design.requantisers) {
    const std::string& instance = design.unit_names[unit];
    clipped.push_back(fmt::format("16'($countones(top.{}.probe_clipped))", instance));
    tokens.push_back(fmt::format("top.{}.probe_token", instance));
  }
  std::vector<std::string> gates;
  for (const std::size_t unit : design.winners) {
    const std::size_t edge = analysis.units[unit].outputs.front();
    const int width = hardware_bits(analysis.streams[edge]);
    for (std::uint32_t channel = 0; channel < analysis.streams[edge].map.channels; ++channel) {
      gates.push_back(
          fmt::format("|top.e{}_in[{}+:{}]", edge, channel * static_cast<std::uint32_t>(width), width));
    }
  }
  const std::size_t requantisers = std::max<std::size_t>(design.requantisers.size(), 1);
  const Watchable watchable = watchable_edges(pipeline, analysis, design);
  return fmt::format(
      "module {} (\n"
      "{},\n"
      "    output logic [{}:0] pushes,\n"
      "    output logic [{}:0] pops,\n"
      "    output logic [{}:0] clipped,\n"
      "    output logic [{}:0] requantised,\n"
      "    output logic [{}:0] gates,\n"
      "    input  logic [31:0] watch,\n"
      "    output logic [{}:0] watched\n"
      ");\n"
      "  {} top (.*);\n"
      "  assign pushes = {};\n"
      "  assign pops = {};\n"
      "  assign clipped = {};\n"
      "  assign requantised = {};\n"
      "  assign gates = {};\n"
      "  always_comb begin\n"
      "    watched = '0;\n"
      "    case (watch)\n"
      "{}"
      "      default: ;\n"
      "    endcase\n"
      "  end\n"
      "endmodule\n",
      name, stream_ports(design), pipeline.edges.size() - 1, pipeline.edges.size() - 1, requantisers * 16 - 1,
      requantisers - 1, std::max<std::size_t>(gates.size(), 1) - 1, watchable.bits - 1, design.top_name,
      bits("push"), bits("pop"), concatenation(clipped), concatenation(tokens), concatenation(gates),
      watchable.cases);
}

}  // namespace lacuna::tomato

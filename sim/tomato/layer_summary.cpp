#include "sim/tomato/layer_summary.h"

#include <algorithm>
#include <map>

namespace lacuna::tomato {
namespace {

bool has_stored_weights(UnitKind kind) {
  return kind == UnitKind::convolution || kind == UnitKind::depthwise || kind == UnitKind::pointwise ||
         kind == UnitKind::fully_connected;
}

/// A layer is known by its engine: the unit that carries its name.
bool is_engine(const Unit& unit) {
  return unit.name == unit.layer;
}

void add_unit(const TomatoReport& report, std::size_t position, LayerSummary& layer) {
  const Machine& machine = report.machine;
  const Unit& unit = machine.pipeline.units[position];
  layer.events += report.result.units[position].events;
  if (machine.placement) {
    layer.resources += machine.placement->units[position];
    layer.device = machine.placement->device_of_unit[position];
  }
  if (is_engine(unit)) {
    layer.kind = to_text(unit.kind);
    layer.weights = has_stored_weights(unit.kind) ? to_text(unit.weights.format) : "";
    layer.outputs = unit.kind == UnitKind::source ? to_text(unit.format) : layer.outputs;
    layer.unroll = unit.unroll;
    layer.engine = position;
  }
  if (unit.kind == UnitKind::requantise && unit.name == unit.layer + ".requantise") {
    layer.outputs = to_text(unit.requantisation.format);
  }
  for (const std::size_t edge : machine.analysis.units[position].inputs) {
    const std::uint64_t mark = report.result.fifos[edge].high_water_mark;
    layer.fifo_slots += machine.pipeline.edges[edge].depth;
    if (mark >= layer.fifo_high_water_mark) {
      layer.fifo_high_water_mark = mark;
      layer.fifo_depth = machine.pipeline.edges[edge].depth;
    }
  }
}

}  // namespace

std::uint64_t steady_cycles_per_frame(const TomatoReport& report) {
  const std::uint64_t measured = report.result.cycles_per_frame();
  return measured > 0 ? measured : cycles_per_frame(report.machine.analysis, bottleneck(report.machine.analysis));
}

double frames_per_second(const TomatoConfig& config, const TomatoReport& report) {
  constexpr double hz_per_mhz = 1e6;
  return config.architecture.parameters.clock_mhz * hz_per_mhz / static_cast<double>(steady_cycles_per_frame(report));
}

double latency_us(const TomatoConfig& config, const TomatoReport& report) {
  return static_cast<double>(report.result.latency_cycles()) / config.architecture.parameters.clock_mhz;
}

std::vector<LayerSummary> layer_summaries(const TomatoReport& report) {
  std::vector<LayerSummary> layers;
  std::map<std::string, std::size_t> known;
  for (std::size_t position = 0; position < report.machine.pipeline.units.size(); ++position) {
    const std::string& name = report.machine.pipeline.units[position].layer;
    const auto [found, is_new] = known.emplace(name, layers.size());
    if (is_new) {
      layers.emplace_back().name = name;
    }
    add_unit(report, position, layers[found->second]);
  }
  const double per_frame = static_cast<double>(steady_cycles_per_frame(report));
  for (LayerSummary& layer : layers) {
    layer.cycles_per_frame = cycles_per_frame(report.machine.analysis, layer.engine);
    layer.utilisation = static_cast<double>(layer.cycles_per_frame) / per_frame;
    layer.cycles = report.result.units[layer.engine].cycles;
  }
  return layers;
}

}  // namespace lacuna::tomato

#include "sim/tomato/layer_summary.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "models/tomato/unit_traits.h"
#include "sim/tomato/balance.h"

namespace lacuna::tomato {
namespace {

/// A layer is known by its engine: the unit that carries its name.
bool is_engine(const Unit& unit) {
  return unit.name == unit.layer;
}

void add_unit(const TomatoReport& report, std::size_t position, LayerSummary& layer) {
  const MachineDesign& machine = report.machine;
  const Unit& unit = machine.pipeline.units[position];
  layer.events += report.result.units[position].events;
  if (machine.placement) {
    layer.resources += machine.placement->units[position];
    layer.device = machine.placement->device_of_unit[position];
  }
  if (is_engine(unit)) {
    layer.kind = to_text(unit.kind);
    layer.weights = traits(unit.kind).has_weights ? to_text(unit.weights.format) : "";
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

std::optional<double> utilisation_of(const RunResult& result, std::size_t unit) {
  const std::optional<double> per_frame = result.cycles_per_frame();
  if (!per_frame) {
    return std::nullopt;
  }
  const auto busy = [&](std::size_t position) {
    return static_cast<double>(result.units[position].cycles[CycleClass::busy]);
  };
  const double all_frames = *per_frame * static_cast<double>(result.frame_cycles.size());
  return busy(unit) / std::max(all_frames, busy(busiest_unit(result)));
}

std::optional<double> frames_per_second(const TomatoConfig& config, const TomatoReport& report) {
  constexpr double hz_per_mhz = 1e6;
  const std::optional<double> cycles = report.result.cycles_per_frame();
  return cycles ? std::optional<double>(config.architecture.parameters.clock_mhz * hz_per_mhz / *cycles)
                : std::nullopt;
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
  for (LayerSummary& layer : layers) {
    layer.cycles = report.result.units[layer.engine].cycles;
    layer.busy_cycles_per_frame = static_cast<double>(layer.cycles[CycleClass::busy]) / report.frames;
    layer.planned_cycles_per_frame = planned_cycles_per_frame(report.machine.analysis, layer.engine);
    layer.utilisation = utilisation_of(report.result, layer.engine);
  }
  return layers;
}

std::optional<bool> meets_target(const TomatoReport& report) {
  const std::optional<SteadyState> steady = steady_state(report.result.frame_cycles);
  return steady && report.machine.target
             ? std::optional<bool>(!steady->is_slower_than(*report.machine.target))
             : std::nullopt;
}

std::vector<std::string> notes_of(const TomatoReport& report) {
  std::vector<std::string> notes;
  const std::optional<Placement>& placement = report.machine.placement;
  if (placement && placement->unused_devices > 0) {
    notes.push_back(fmt::format(
        "{} of {} devices are used: there are no more cuts that the links can carry in the cycles of a frame",
        placement->devices.size(), placement->devices.size() + placement->unused_devices));
  }
  const std::optional<SteadyState> steady = steady_state(report.result.frame_cycles);
  if (!steady) {
    notes.emplace_back(
        "one frame has no steady state: cycles per frame, frames per second and utilisation are known from "
        "two frames on");
    return notes;
  }
  if (report.frames == 2) {
    notes.emplace_back("two frames have one interval between them: whether it repeats is not known");
  } else if (!steady->repeats) {
    notes.push_back(fmt::format(
        "the intervals from frame to frame do not repeat in this run: cycles per frame are the mean of the "
        "last {} of {}, which take {} to {} cycles",
        steady->intervals, report.frames - 1, steady->least_interval_cycles, steady->most_interval_cycles));
  } else if (steady->intervals > 1) {
    notes.push_back(fmt::format(
        "the intervals repeat every {} frames: cycles per frame are their mean, of {} to {} cycles",
        steady->intervals, steady->least_interval_cycles, steady->most_interval_cycles));
  }
  if (!meets_target(report).value_or(true)) {
    const auto target = static_cast<double>(*report.machine.target);
    notes.push_back(fmt::format("the target of {} cycles per frame is missed: {}, {:.1f} % more",
                                *report.machine.target, cycles_text(steady->cycles_per_frame()),
                                100.0 * (steady->cycles_per_frame() / target - 1.0)));
  }
  return notes;
}

std::string cycles_text(double cycles) {
  return cycles == std::floor(cycles) ? fmt::format("{:.0f}", cycles) : fmt::format("{:.2f}", cycles);
}

}  // namespace lacuna::tomato

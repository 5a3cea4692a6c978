#include "sim/tomato/gated_targets.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace lacuna::tomato {
namespace {

/// The share of channels that the gate at an input of a unit keeps open; 1 for no gate.
double open_share(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                  const std::optional<std::size_t>& input) {
  if (!input) {
    return 1.0;
  }
  std::size_t origin = pipeline.edges[analysis.units[unit].inputs[*input]].from;
  while (pipeline.units[origin].kind != UnitKind::winners) {
    origin = pipeline.edges[analysis.units[origin].inputs.front()].from;
  }
  const Stream& gate = analysis.streams[analysis.units[origin].outputs.front()];
  return static_cast<double>(pipeline.units[origin].winners) / static_cast<double>(gate.map.channels);
}

bool has_gates(const Unit& unit) {
  return unit.output_gate || unit.input_gate;
}

bool states_any(const FixedUnroll& fixed) {
  return fixed.input_channels || fixed.output_channels || fixed.taps;
}

bool states_all(const FixedUnroll& fixed) {
  return fixed.input_channels && fixed.output_channels && fixed.taps;
}

/// What the slowest engine with gates needs for a frame.
double gated_cycles(const Pipeline& pipeline, const Analysis& analysis, const std::vector<FixedUnroll>& fixed,
                    std::uint64_t target) {
  double slowest = 0.0;
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    if (has_gates(pipeline.units[i])) {
      const UnitPlan& plan = analysis.units[i];
      const std::uint64_t all =
          states_all(fixed[i]) ? std::min(target, planned_cycles_per_frame(analysis, i)) : target;
      slowest = std::max(slowest, static_cast<double>(all) *
                                      open_share(pipeline, analysis, i, plan.output_gate_input) *
                                      open_share(pipeline, analysis, i, plan.input_gate_input));
    }
  }
  return slowest;
}

}  // namespace

std::vector<std::uint64_t> gated_targets(const Pipeline& pipeline, const Analysis& analysis,
                                         const std::vector<FixedUnroll>& fixed, std::uint64_t target) {
  std::vector<std::uint64_t> targets(pipeline.units.size(), target);
  const bool trained = std::any_of(pipeline.units.begin(), pipeline.units.end(),
                                   [](const Unit& unit) { return unit.kind == UnitKind::boost; });
  if (!trained) {
    return targets;
  }
  const double gated = std::ceil(gated_cycles(pipeline, analysis, fixed, target));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!has_gates(pipeline.units[i]) && !states_any(fixed[i])) {
      // Never faster than a token a cycle.
      targets[i] =
          std::min(target, std::max(static_cast<std::uint64_t>(gated), analysis.units[i].tokens_per_frame));
    }
  }
  return targets;
}

}  // namespace lacuna::tomato

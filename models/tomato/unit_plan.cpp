#include <algorithm>

#include <fmt/format.h>

#include "models/tomato/analysis_steps.h"

namespace lacuna::tomato {
namespace {

std::uint32_t quotient(std::uint64_t dividend, std::uint64_t divisor) {
  return static_cast<std::uint32_t>((dividend + divisor - 1) / divisor);
}

/// ceil(log2 n), n >= 1.
std::uint32_t levels(std::uint64_t n) {
  std::uint32_t count = 0;
  while ((std::uint64_t{1} << count) < n) {
    ++count;
  }
  return count;
}

std::uint32_t operator_latency(const NumberFormat& format, const Parameters& parameters) {
  switch (format.kind) {
    case NumberKind::shift:
    case NumberKind::recentralised_shift:
      return parameters.shifter_latency_cycles;
    case NumberKind::ternary:
    case NumberKind::binary:
      return parameters.selector_latency_cycles;
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      break;
  }
  return parameters.multiplier_latency_cycles;
}

class UnitPlanner {
 public:
  UnitPlanner(const Pipeline& pipeline, const Parameters& parameters, std::size_t position,
              Analysis& analysis)
      : pipeline_(pipeline),
        parameters_(parameters),
        unit_(pipeline.units[position]),
        plan_(analysis.units[position]) {
    if (!plan_.inputs.empty()) {
      input_ = analysis.streams[plan_.inputs.front()];
    }
    if (!plan_.outputs.empty()) {
      output_ = analysis.streams[plan_.outputs.front()];
    }
  }

  void plan() {
    const std::uint32_t channels = input_.map.channels;
    switch (unit_.kind) {
      case UnitKind::convolution:
        joined_channels();
        plan_.tap_steps = steps(input_.taps, unit_.unroll.taps, "taps");
        plan_.latency_cycles =
            weighted_latency(std::uint64_t{unit_.unroll.input_channels} * unit_.unroll.taps);
        break;
      case UnitKind::pointwise:
      case UnitKind::fully_connected:
        joined_channels();
        plan_.latency_cycles = weighted_latency(unit_.unroll.input_channels);
        break;
      case UnitKind::depthwise:
        channelwise(channels);
        plan_.tap_steps = steps(input_.taps, unit_.unroll.taps, "taps");
        plan_.latency_cycles = weighted_latency(unit_.unroll.taps);
        break;
      case UnitKind::max_pool:
        channelwise(channels);
        plan_.tap_steps = steps(input_.taps, unit_.unroll.taps, "taps");
        plan_.latency_cycles = compare(unit_.unroll.taps) + 1;
        break;
      case UnitKind::sum_pool:
        channelwise(channels);
        plan_.tap_steps = steps(input_.taps, unit_.unroll.taps, "taps");
        plan_.latency_cycles = tree(unit_.unroll.taps) + parameters_.accumulator_latency_cycles;
        break;
      case UnitKind::global_sum_pool:
        channelwise(channels);
        plan_.latency_cycles = parameters_.accumulator_latency_cycles;
        break;
      case UnitKind::add:
        channelwise(channels);
        break;
      case UnitKind::requantise:
        channelwise(channels);
        plan_.latency_cycles = parameters_.requantisation_latency_cycles;
        break;
      case UnitKind::boost:
        channelwise(channels);
        plan_.latency_cycles = parameters_.multiplier_latency_cycles;
        break;
      case UnitKind::winners:
        plan_.issue_cycles = unit_.winners;
        plan_.latency_cycles = compare(channels) + 1;
        return;
      case UnitKind::link:
        plan_link();
        return;
      case UnitKind::source:
      case UnitKind::sink:
      case UnitKind::window:
      case UnitKind::concat:
      case UnitKind::fork:
        break;
    }
    plan_.issue_cycles = std::uint64_t{plan_.input_steps} * plan_.output_steps * plan_.tap_steps;
    plan_.fully_unrolled =
        plan_.issue_cycles == 1 && (unit_.kind != UnitKind::fully_connected || plan_.tokens_per_frame == 1);
  }

 private:
  std::uint32_t steps(std::uint32_t total, std::uint32_t lanes, const char* what) const {
    if (lanes < 1 || lanes > total) {
      throw unit_error(pipeline_, unit_, fmt::format("{} lanes for {} {}", lanes, total, what),
                       fmt::format("1 to {}", total));
    }
    return quotient(total, lanes);
  }
  void joined_channels() {
    plan_.input_steps = steps(input_.map.channels, unit_.unroll.input_channels, "input channels");
    plan_.output_steps = steps(unit_.output_channels, unit_.unroll.output_channels, "output channels");
  }
  void channelwise(std::uint32_t channels) {
    plan_.output_steps = steps(channels, unit_.unroll.output_channels, "channels");
  }
  std::uint64_t tree(std::uint64_t terms) const {
    return quotient(levels(terms), parameters_.adder_levels_per_cycle);
  }
  std::uint64_t compare(std::uint64_t terms) const {
    return quotient(levels(terms), parameters_.comparator_levels_per_cycle);
  }
  std::uint64_t weighted_latency(std::uint64_t lanes) const {
    const NumberFormat& format = unit_.weights.format;
    const std::uint64_t sums = format.kind == NumberKind::recentralised_shift ? 3 : 1;
    return operator_latency(format, parameters_) + tree(lanes * sums) +
           parameters_.accumulator_latency_cycles;
  }
  void plan_link() {
    const Link& link = unit_.link;
    if (link.bits_per_cycle < 1 || link.latency_cycles < 1 || link.buffer_tokens < 1) {
      throw unit_error(pipeline_, unit_, "a link without width, latency or buffer", "1 or more of each");
    }
    plan_.issue_cycles = (input_.bits_per_token() + link.bits_per_cycle - 1) / link.bits_per_cycle;
    plan_.latency_cycles = link.latency_cycles;
  }

  const Pipeline& pipeline_;
  const Parameters& parameters_;
  const Unit& unit_;
  UnitPlan& plan_;
  Stream input_;
  Stream output_;
};

}  // namespace

void plan_unit(const Pipeline& pipeline, const Parameters& parameters, std::size_t unit, Analysis& analysis) {
  UnitPlanner(pipeline, parameters, unit, analysis).plan();
}

}  // namespace lacuna::tomato

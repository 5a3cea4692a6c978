#include <fmt/format.h>

#include "models/tomato/analysis_steps.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

class UnitPlanner {
 public:
  UnitPlanner(const Pipeline& pipeline, const Parameters& parameters, std::size_t position,
              Analysis& analysis)
      : pipeline_(pipeline),
        parameters_(parameters),
        unit_(pipeline.units[position]),
        kind_(traits(unit_.kind)),
        plan_(analysis.units[position]) {
    if (!plan_.inputs.empty()) {
      input_ = analysis.streams[plan_.inputs.front()];
    }
    if (!plan_.outputs.empty()) {
      output_ = analysis.streams[plan_.outputs.front()];
    }
  }

  void plan() {
    if (unit_.kind == UnitKind::link) {
      check_link();
    }
    const UnrollLimits limits = unroll_limits(unit_, input_);
    const Unroll& lanes = unit_.unroll;
    if (kind_.joins_channels) {
      plan_.input_steps = steps(limits.input_channels, lanes.input_channels, "input channels");
      plan_.output_steps = steps(limits.output_channels, lanes.output_channels, "output channels");
    } else if (kind_.unrolls_channels) {
      plan_.output_steps = steps(limits.output_channels, lanes.output_channels, "channels");
    }
    if (kind_.unrolls_taps) {
      plan_.tap_steps = steps(limits.taps, lanes.taps, "taps");
    }
    const UnitInPipeline unit{unit_, plan_, input_, output_, parameters_};
    if (kind_.latency_cycles != nullptr) {
      plan_.latency_cycles = kind_.latency_cycles(unit);
    }
    if (kind_.issue_cycles != nullptr) {
      plan_.issue_cycles = kind_.issue_cycles(unit);
      return;
    }
    plan_.issue_cycles = std::uint64_t{plan_.input_steps} * plan_.output_steps * plan_.tap_steps;
    const bool one_word = !kind_.has_weights || !kind_.collects_frame || plan_.tokens_per_frame == 1;
    plan_.fully_unrolled = plan_.issue_cycles == 1 && one_word;
  }

 private:
  std::uint32_t steps(std::uint32_t total, std::uint32_t lanes, const char* what) const {
    if (lanes < 1 || lanes > total) {
      throw unit_error(pipeline_, unit_, fmt::format("{} lanes for {} {}", lanes, total, what),
                       fmt::format("1 to {}", total));
    }
    return (total - 1) / lanes + 1;
  }

  void check_link() const {
    const Link& link = unit_.link;
    if (link.bits_per_cycle < 1 || link.latency_cycles < 1 || link.buffer_tokens < 1) {
      throw unit_error(pipeline_, unit_, "a link without width, latency or buffer", "1 or more of each");
    }
  }

  const Pipeline& pipeline_;
  const Parameters& parameters_;
  const Unit& unit_;
  const UnitTraits& kind_;
  UnitPlan& plan_;
  Stream input_;
  Stream output_;
};

}  // namespace

void plan_unit(const Pipeline& pipeline, const Parameters& parameters, std::size_t unit, Analysis& analysis) {
  UnitPlanner(pipeline, parameters, unit, analysis).plan();
}

}  // namespace lacuna::tomato

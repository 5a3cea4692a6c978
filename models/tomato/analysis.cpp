#include "models/tomato/analysis.h"

#include <set>

#include <fmt/format.h>

#include "models/tomato/analysis_steps.h"
#include "models/tomato/lanes_error.h"
#include "models/tomato/stream_rules.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

constexpr std::size_t unconnected = static_cast<std::size_t>(-1);
constexpr std::uint32_t most_ports = 1024;

/// Inputs of a unit; the fewest where there may be more.
std::size_t input_count(const Unit& unit) {
  return traits(unit.kind).inputs + (unit.output_gate ? 1U : 0U) + (unit.input_gate ? 1U : 0U);
}

void check_units(const Pipeline& pipeline) {
  std::set<std::string> names;
  for (const Unit& unit : pipeline.units) {
    if (unit.name.empty() || !names.insert(unit.name).second) {
      throw unit_error(pipeline, unit, "the name is empty or used twice", "each unit has a name of its own");
    }
    const UnitTraits& kind = traits(unit.kind);
    if ((unit.output_gate && !kind.has_weights) || (unit.input_gate && !kind.joins_channels)) {
      throw unit_error(pipeline, unit, fmt::format("a {} has no such gate input", to_text(unit.kind)),
                       "output gates for units with weights, input gates for those that join channels");
    }
  }
}

void place(std::vector<std::size_t>& ports, std::uint32_t port, std::size_t edge, const Pipeline& pipeline,
           std::size_t unit, const char* direction) {
  if (port >= most_ports) {
    throw unit_error(pipeline, pipeline.units[unit], fmt::format("{} {} is too high", direction, port),
                     fmt::format("below {}", most_ports));
  }
  if (ports.size() <= port) {
    ports.resize(port + 1, unconnected);
  }
  if (ports[port] != unconnected) {
    throw unit_error(pipeline, pipeline.units[unit], fmt::format("{} {} has two edges", direction, port));
  }
  ports[port] = edge;
}

void connect(const Pipeline& pipeline, Analysis& analysis) {
  for (std::size_t i = 0; i < pipeline.edges.size(); ++i) {
    const Edge& edge = pipeline.edges[i];
    if (edge.from >= pipeline.units.size() || edge.to >= pipeline.units.size()) {
      throw PipelineError({}, fmt::format("pipeline \"{}\": edge {} joins no unit", pipeline.name, i));
    }
    if (edge.depth < 1 || edge.depth > deepest_fifo) {
      throw unit_error(pipeline, pipeline.units[edge.from], fmt::format("a FIFO of depth {}", edge.depth),
                       fmt::format("1 to {}", deepest_fifo));
    }
    place(analysis.units[edge.from].outputs, edge.from_output, i, pipeline, edge.from, "output");
    place(analysis.units[edge.to].inputs, edge.to_input, i, pipeline, edge.to, "input");
  }
}

bool contains_gap(const std::vector<std::size_t>& ports) {
  for (const std::size_t edge : ports) {
    if (edge == unconnected) {
      return true;
    }
  }
  return false;
}

void check_ports(const Pipeline& pipeline, const Unit& unit, const UnitPlan& plan) {
  const std::size_t inputs = input_count(unit);
  const std::size_t outputs = traits(unit.kind).outputs;
  const bool many_inputs = traits(unit.kind).may_have_more_inputs;
  const bool many_outputs = traits(unit.kind).may_have_more_outputs;
  const bool inputs_fit = many_inputs ? plan.inputs.size() >= inputs : plan.inputs.size() == inputs;
  const bool outputs_fit = many_outputs ? plan.outputs.size() >= outputs : plan.outputs.size() == outputs;
  if (!inputs_fit || contains_gap(plan.inputs)) {
    throw unit_error(pipeline, unit, "an input is not connected, or too many are",
                     fmt::format("{}{} inputs", many_inputs ? "at least " : "", inputs));
  }
  if (!outputs_fit || contains_gap(plan.outputs)) {
    throw unit_error(pipeline, unit, "an output is not connected, or too many are",
                     fmt::format("{}{} outputs", many_outputs ? "at least " : "", outputs));
  }
}

std::size_t only_unit(const Pipeline& pipeline, UnitKind kind) {
  std::size_t found = unconnected;
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    if (pipeline.units[unit].kind == kind) {
      if (found != unconnected) {
        throw unit_error(pipeline, pipeline.units[unit], fmt::format("a second {}", to_text(kind)), "one");
      }
      found = unit;
    }
  }
  if (found == unconnected) {
    throw PipelineError({}, fmt::format("pipeline \"{}\" has no {}", pipeline.name, to_text(kind)));
  }
  return found;
}

/// Producers before consumers; of those ready, the first in the list.
void sort_units(const Pipeline& pipeline, Analysis& analysis) {
  std::vector<std::size_t> waiting(pipeline.units.size());
  std::set<std::size_t> ready;
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    waiting[unit] = analysis.units[unit].inputs.size();
    if (waiting[unit] == 0) {
      ready.insert(unit);
    }
  }
  while (!ready.empty()) {
    const std::size_t unit = *ready.begin();
    ready.erase(ready.begin());
    analysis.order.push_back(unit);
    for (const std::size_t edge : analysis.units[unit].outputs) {
      if (--waiting[pipeline.edges[edge].to] == 0) {
        ready.insert(pipeline.edges[edge].to);
      }
    }
  }
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    if (waiting[unit] != 0) {
      throw unit_error(pipeline, pipeline.units[unit], "it lies on or behind a circle of edges",
                       "a pipeline has none");
    }
  }
}

}  // namespace

void analyse_graph(const Pipeline& pipeline, Analysis& analysis) {
  analysis.units.resize(pipeline.units.size());
  check_units(pipeline);
  connect(pipeline, analysis);
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    const Unit& unit = pipeline.units[i];
    UnitPlan& plan = analysis.units[i];
    check_ports(pipeline, unit, plan);
    std::size_t next = 1;
    if (unit.output_gate || traits(unit.kind).has_gate) {
      plan.output_gate_input = next++;
    }
    if (unit.input_gate) {
      plan.input_gate_input = next;
    }
  }
  analysis.source = only_unit(pipeline, UnitKind::source);
  analysis.sink = only_unit(pipeline, UnitKind::sink);
  sort_units(pipeline, analysis);
}

void analyse_streams(const Pipeline& pipeline, Analysis& analysis) {
  analysis.streams.resize(pipeline.edges.size());
  for (const std::size_t position : analysis.order) {
    UnitPlan& plan = analysis.units[position];
    const StreamRules rules(pipeline, analysis, position);
    const Stream output = rules.output();
    rules.check_gates();
    for (const std::size_t edge : plan.outputs) {
      analysis.streams[edge] = output;
    }
    plan.results_per_frame = plan.outputs.empty() ? 0 : output.tokens_per_frame();
    plan.tokens_per_frame = plan.inputs.empty() ? output.tokens_per_frame()
                                                : analysis.streams[plan.inputs.front()].tokens_per_frame();
  }
}

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
      plan_.input_steps =
          steps(limits.input_channels, lanes.input_channels, "input channels", Lanes::input_channels);
      plan_.output_steps =
          steps(limits.output_channels, lanes.output_channels, "output channels", Lanes::output_channels);
    } else if (kind_.unrolls_channels) {
      plan_.output_steps =
          steps(limits.output_channels, lanes.output_channels, "channels", Lanes::output_channels);
    }
    if (kind_.unrolls_taps) {
      plan_.tap_steps = steps(limits.taps, lanes.taps, "taps", Lanes::taps);
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
  std::uint32_t steps(std::uint32_t total, std::uint32_t lanes, const char* what, Lanes kind) const {
    if (lanes < 1 || lanes > total) {
      throw LanesError(unit_error(pipeline_, unit_, fmt::format("{} lanes for {} {}", lanes, total, what),
                                  fmt::format("1 to {}", total)),
                       kind);
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

Analysis analyse(const Pipeline& pipeline, const Parameters& parameters) {
  Analysis analysis;
  analyse_graph(pipeline, analysis);
  analyse_streams(pipeline, analysis);
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    plan_unit(pipeline, parameters, unit, analysis);
  }
  return analysis;
}

}  // namespace lacuna::tomato

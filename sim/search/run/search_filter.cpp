#include "sim/search/run/search_filter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/yaml/nearest.h"

namespace lacuna {
namespace {

std::vector<std::string> metric_names(const std::vector<std::string>& machines) {
  std::vector<std::string> names = {"parameters", "multiply_accumulates", "fisher_ratio"};
  for (const std::string& machine : machines) {
    for (const char* metric : machine_metric_names) {
      names.push_back(machine + "." + metric);
    }
  }
  return names;
}

}  // namespace

MachineFigures figures_of(const NetworkCost& cost) {
  const auto fpga = [&](double FpgaUse::*figure) {
    return cost.fpga ? std::optional<double>(*cost.fpga.*figure) : std::nullopt;
  };
  return {cost.cycles,
          cost.energy_pj,
          cost.frames_per_second,
          cost.area_mm2,
          cost.planned_cycles,
          fpga(&FpgaUse::logic_blocks),
          fpga(&FpgaUse::dsp_blocks),
          fpga(&FpgaUse::memory_blocks),
          cost.reuse.weight,
          cost.reuse.line_buffer,
          cost.reuse.fifo_bit};
}

SearchFilter read_filter(const YamlNode& node, const std::string& path,
                         const std::vector<std::string>& machines) {
  SearchFilter filter;
  filter.constraint = parse_comparison(node, path);
  const std::vector<std::string> names = metric_names(machines);
  const auto found = std::find(names.begin(), names.end(), filter.constraint.name);
  if (found == names.end()) {
    throw ConfigurationError(
        node.place(path), fmt::format("'{}' is nothing that filters know", cut(filter.constraint.name, 60)),
        suggest(filter.constraint.name, names));
  }
  const auto position = static_cast<std::size_t>(found - names.begin());
  using Subject = SearchFilter::Subject;
  constexpr std::array<Subject, 3> counted = {Subject::parameters, Subject::multiply_accumulates,
                                              Subject::fisher_ratio};
  if (position < counted.size()) {
    filter.subject = counted.at(position);
  } else {
    filter.machine = (position - counted.size()) / machine_metric_count;
    filter.metric = (position - counted.size()) % machine_metric_count;
    filter.subject = filter.metric == planned_cycles_metric ? Subject::plan : Subject::machine;
  }
  return filter;
}

std::optional<ParameterRange> parameter_range(const std::vector<SearchFilter>& filters) {
  using Comparison = Constraint::Comparison;
  ParameterRange range;
  bool found = false;
  const auto below = [&](double bound) {
    found = true;
    range.highest = bound < 0.0 ? 0 : std::min(range.highest, static_cast<std::uint64_t>(bound));
  };
  const auto above = [&](double bound) {
    found = true;
    range.lowest = std::max(range.lowest, static_cast<std::uint64_t>(std::max(0.0, bound)));
  };
  constexpr double largest = 1e15;  // beyond it doubles are no integers any more
  for (const SearchFilter& filter : filters) {
    if (filter.subject != SearchFilter::Subject::parameters || std::abs(filter.constraint.bound) > largest) {
      continue;
    }
    const double bound = filter.constraint.bound;
    switch (filter.constraint.comparison) {
      case Comparison::less:
        below(std::ceil(bound) - 1.0);
        break;
      case Comparison::less_equal:
        below(std::floor(bound));
        break;
      case Comparison::greater:
        above(std::floor(bound) + 1.0);
        break;
      case Comparison::greater_equal:
        above(std::ceil(bound));
        break;
      case Comparison::equal:
      case Comparison::not_equal:
        break;  // the filter itself sees to it
    }
  }
  return found ? std::optional<ParameterRange>(range) : std::nullopt;
}

}  // namespace lacuna

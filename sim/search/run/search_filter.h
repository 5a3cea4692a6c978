#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/sweep/selection.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// What machines say of a candidate, in the order of `machine_metric_names`; all of a frame.
inline constexpr std::initializer_list<const char*> machine_metric_names = {"cycles",
                                                                            "energy_pj",
                                                                            "frames_per_second",
                                                                            "area_mm2",
                                                                            "planned_cycles",
                                                                            "logic_blocks",
                                                                            "dsp_blocks",
                                                                            "memory_blocks",
                                                                            "products_per_weight_read",
                                                                            "products_per_line_buffer_read",
                                                                            "products_per_fifo_bit"};
inline constexpr std::size_t machine_metric_count = machine_metric_names.size();
inline constexpr std::size_t planned_cycles_metric = 4;
using MachineFigures = std::vector<std::optional<double>>;

MachineFigures figures_of(const NetworkCost& cost);

/// One comparison of `filters`.
struct SearchFilter {
  /// In the order of what they cost: `plan` is a machine's lower bound before a simulation.
  enum class Subject : std::uint8_t { parameters, multiply_accumulates, plan, machine, fisher_ratio };

  Constraint constraint;
  Subject subject = Subject::parameters;
  std::size_t machine = 0;  ///< position
  std::size_t metric = 0;   ///< position in machine_metric_names

  /// What a simulation says; a figure that is not known does not pass.
  bool passes(const MachineFigures& figures) const {
    return figures[metric] && constraint.holds(*figures[metric]);
  }
};

/// Throws ConfigurationError for anything but NAME OPERATOR NUMBER, and for other names.
SearchFilter read_filter(const YamlNode& node, const std::string& path,
                         const std::vector<std::string>& machines);

/// The range that filters of parameters leave, both ends included; empty where there is none.
struct ParameterRange {
  std::uint64_t lowest = 0;
  std::uint64_t highest = UINT64_MAX;
};
std::optional<ParameterRange> parameter_range(const std::vector<SearchFilter>& filters);

}  // namespace lacuna

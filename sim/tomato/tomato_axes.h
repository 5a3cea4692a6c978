#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/family/sweep_description.h"
#include "sim/memory/memory_axes.h"
#include "sim/network/network.h"
#include "sim/tomato/architecture_key.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// The axes of a sweep over streaming machines: `architecture.<key>` (ArchitectureKey) and `workload`, whose
/// values are network files, and
/// `memory.<key>` of the base's memory outside. Throws ConfigurationError for an unknown key or a value that
/// it does not take.
std::vector<Axis> make_tomato_axes(const SweepDescription& description);

/// Whether an axis sets the machine: neither the workload nor the memory outside.
inline bool is_of_machine(const Axis& axis) {
  return !axis.is_workload() && !is_memory_key(axis.key);
}

/// What axes set in machines for one network. A single layer's own axis wins over one whose pattern matches
/// it, both over what the sweep's base says.
class AxisTargets {
 public:
  /// Throws ConfigurationError when an axis changes nothing in the network (no layer of that name, no weights
  /// where weights vary), or two axes set the same: at the key of the axis.
  AxisTargets(const SweepDescription& description, const std::vector<Axis>& axes, const Network& network);

  /// Sets all axes' parameters to their values.
  void apply(const std::vector<Axis>& axes, const Choices& choices, TomatoArchitecture& architecture) const;

 private:
  struct Target {
    std::size_t axis = 0;
    ArchitectureKey key;
    std::vector<std::string> layers;  ///< that a setting of layers reaches
  };

  void check_overlaps(const SweepDescription& description) const;

  std::vector<Target> targets_;  ///< patterns before single layers, goals for the throughput before latencies
};

}  // namespace lacuna::tomato

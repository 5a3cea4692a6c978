#include "sim/tomato/machine.h"

#include <algorithm>

#include "models/common/error.h"
#include "sim/tomato/choose_unroll.h"
#include "sim/tomato/lower.h"

namespace lacuna::tomato {
namespace {

LoweredNetwork lowered_network(const TomatoConfig& config, const Network& network,
                               const std::vector<double>& largest) {
  LoweringOptions options;
  options.with_values = config.outputs;
  options.largest = largest;
  options.seed = config.seed;
  return lower(network, layer_hardware(network, config.architecture), options);
}

/// Stated unroll factors; 1 for the others.
void state_unroll(Pipeline& pipeline, const std::vector<FixedUnroll>& fixed) {
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    pipeline.units[i].unroll = {fixed[i].input_channels.value_or(1), fixed[i].output_channels.value_or(1),
                                fixed[i].taps.value_or(1)};
  }
}

}  // namespace

Machine build_machine(const TomatoConfig& config, const Network& network, const std::vector<double>& largest,
                      SharedParts* shared) {
  const TomatoArchitecture& architecture = config.architecture;
  LoweredNetwork lowered = lowered_network(config, network, largest);
  Machine machine;
  machine.pipeline = std::move(lowered.pipeline);
  machine.weight_errors = std::move(lowered.weight_errors);
  machine.sizings = shared == nullptr ? nullptr : &shared->sizings;
  state_unroll(machine.pipeline, lowered.fixed);
  machine.analysis = analyse(machine.pipeline, architecture.parameters);
  if (!architecture.device.empty()) {
    const std::string& path = architecture.device.resolved;
    const Device* known = shared == nullptr ? nullptr : shared->devices.find(path);
    machine.device = known == nullptr ? load_device(path) : *known;
  } else if (architecture.devices > 1) {
    throw ConfigurationError(architecture.place, "several devices without saying which", "device: FILE");
  }
  return choose_unroll(architecture, std::move(machine), lowered.fixed);
}

}  // namespace lacuna::tomato

#include "sim/eie/network/loaded_network.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/simplify.h"

namespace lacuna {
namespace {

const DataDescription& data_of(const WorkloadConfig& workload, const NetworkFile& file) {
  if (workload.data) {
    return *workload.data;
  }
  if (!file.data) {
    throw ConfigurationError(workload.network.place, "the network has no data to run",
                             "a data section in its file, or workload.data");
  }
  return *file.data;
}

void check_lowering(const Network& network, const LoweringConfig& lowering) {
  for (const LayerLowering& each : lowering.layers) {
    const auto same = [&](const NetworkLayer& l) { return l.name == each.name && has_weights(l.kind); };
    if (std::none_of(network.layers.begin(), network.layers.end(), same)) {
      throw ConfigurationError({"", 0, "workload.lowering.layers"},
                               fmt::format("the network has no layer '{}' with weights", each.name),
                               "names of its convolutions, fully connected layers and LSTM cells");
    }
  }
}

}  // namespace

LoadedNetwork load_network_workload(const WorkloadConfig& workload, std::uint64_t seed) {
  const NetworkFile file = read_network_file(workload.network.resolved);
  Network network = make_network(file.network);
  InputImages images(data_of(workload, file), network.layers.front().shape);
  std::vector<std::string> files = {workload.network.resolved};
  const std::vector<std::string> weights = load_weights(network, seed);
  files.insert(files.end(), weights.begin(), weights.end());
  files.insert(files.end(), images.files().begin(), images.files().end());
  network = simplified(network);
  check_lowering(network, workload.lowering.value_or(LoweringConfig{}));
  return {std::move(network), std::move(images), std::move(files)};
}

}  // namespace lacuna

#include <algorithm>

#include <fmt/format.h>

#include "sim/eie/config/load_config.h"
#include "sim/eie/sweep/eie_axes.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

/// Messages about a layer name its key, not a file: results hold no paths.
std::vector<LayerConfig> without_files(std::vector<LayerConfig> layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].place = {{}, 0, fmt::format("workload.layers.{}", i)};
  }
  return layers;
}

/// The same for the layers of a network.
std::shared_ptr<const NetworkWorkload> load_network(const WorkloadConfig& config, std::uint64_t seed) {
  if (config.network.empty()) {
    return nullptr;
  }
  NetworkWorkload network{config.lowering.value_or(LoweringConfig{}), load_network_workload(config, seed)};
  for (NetworkLayer& layer : network.loaded.network.layers) {
    layer.place = {{}, 0, fmt::format("layer '{}'", layer.name)};
  }
  return std::make_shared<const NetworkWorkload>(std::move(network));
}

}  // namespace

std::unique_ptr<EieSpace> load_eie_space(const SweepDescription& description) {
  if (!description.settings.base.empty()) {
    RunConfig checked;
    FieldReader::read_section(load_yaml(description.settings.base.resolved), "", checked);
  }
  std::vector<Axis> axes = make_eie_axes(description);
  EieWorkloads workloads;
  workloads.outputs = description.settings.outputs;
  RunConfig config;
  for (const auto& [label, document] : run_documents(description, axes, eie_workload_section)) {
    config = resolve_run_config(document);
    config.workload.layers = without_files(std::move(config.workload.layers));
    workloads.list.push_back({label, config.workload, load_network(config.workload, config.seed)});
  }
  workloads.seed = config.seed;
  auto space =
      std::make_unique<EieSpace>(std::move(axes), config.architecture.parameters, std::move(workloads));
  space->set_energy(config.energy);
  return space;
}

}  // namespace lacuna

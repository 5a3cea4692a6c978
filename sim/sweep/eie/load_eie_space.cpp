#include <algorithm>

#include <fmt/format.h>

#include "sim/config/field_reader.h"
#include "sim/config/load_config.h"
#include "sim/config/yaml_document.h"
#include "sim/sweep/eie/eie_axes.h"
#include "sim/sweep/eie/eie_space.h"

namespace lacuna {
namespace {

/// Messages about a layer name its key, not a file: results hold no paths.
std::vector<LayerConfig> without_files(std::vector<LayerConfig> layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].place = {{}, 0, fmt::format("workload.layers.{}", i)};
  }
  return layers;
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
    if (!config.workload.network.empty()) {
      throw ConfigurationError(config.workload.network.place, "a sweep does not run whole networks",
                               "workload.layers");
    }
    workloads.list.push_back({label, without_files(config.workload.layers)});
  }
  workloads.seed = config.seed;
  auto space =
      std::make_unique<EieSpace>(std::move(axes), config.architecture.parameters, std::move(workloads));
  space->set_energy(config.energy);
  return space;
}

}  // namespace lacuna

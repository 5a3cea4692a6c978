#include "sim/cost/layer_table.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/yaml/field_reader.h"

namespace lacuna {
namespace {

/// The entries of a layer, by weights.
std::vector<const LayerTableEntry*> entries_of(const LayerTable& table, const std::string& layer) {
  std::vector<const LayerTableEntry*> found;
  for (const LayerTableEntry& entry : table.entries) {
    if (entry.layer == layer) {
      found.push_back(&entry);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const LayerTableEntry* a, const LayerTableEntry* b) { return a->weights < b->weights; });
  return found;
}

double between(double a, double b, double share) {
  return a + (b - a) * share;
}

/// `entries` is not empty.
FrameCost::Layer interpolated(const std::vector<const LayerTableEntry*>& entries, std::uint64_t weights) {
  const auto above = std::find_if(entries.begin(), entries.end(),
                                  [&](const LayerTableEntry* entry) { return entry->weights >= weights; });
  const LayerTableEntry& high = above == entries.end() ? *entries.back() : **above;
  const LayerTableEntry& low = above == entries.begin() || above == entries.end() ? high : **(above - 1);
  const double share = high.weights == low.weights ? 0.0
                                                   : static_cast<double>(weights - low.weights) /
                                                         static_cast<double>(high.weights - low.weights);
  FrameCost::Layer cost;
  cost.name = high.layer;
  cost.cycles = between(low.cycles, high.cycles, share);
  if (low.energy_pj && high.energy_pj) {
    cost.energy_pj = between(*low.energy_pj, *high.energy_pj, share);
  }
  return cost;
}

}  // namespace

LayerTable load_layer_table(const std::string& path) {
  const YamlNode document = load_yaml(path);
  LayerTableFile file;
  FieldReader::read_section(document, "", file);
  for (std::size_t i = 0; i < file.layer_table.entries.size(); ++i) {
    const LayerTableEntry& entry = file.layer_table.entries[i];
    for (std::size_t k = 0; k < i; ++k) {
      const LayerTableEntry& other = file.layer_table.entries[k];
      if (other.layer == entry.layer && other.weights == entry.weights) {
        throw ConfigurationError(
            {path, 0, fmt::format("layer_table.entries.{}", i)},
            fmt::format("'{}' with {} weights stands here twice", entry.layer, entry.weights), "each once");
      }
    }
  }
  return std::move(file.layer_table);
}

NetworkCost TabledCost::measure(const Network& network, const std::vector<Tensor>& /*calibration*/,
                                const std::vector<LayerArithmetic>& /*arithmetic*/) const {
  NetworkCost cost;
  cost.cycles = 0.0;
  cost.energy_pj = 0.0;
  for (const NetworkLayer& layer : network.layers) {
    if (!has_weights(layer.kind)) {
      continue;
    }
    const std::vector<const LayerTableEntry*> entries = entries_of(table_, layer.name);
    if (entries.empty()) {
      throw ConfigurationError({{}, 0, "cost.layer_table"}, fmt::format("has no layer '{}'", layer.name),
                               "an entry for each layer with weights");
    }
    const auto nonzero = [](float weight) { return weight != 0.0F; };
    const LayerWeights& weights = *layer.weights;
    const auto count = std::count_if(weights.values.begin(), weights.values.end(), nonzero) +
                       std::count_if(weights.recurrent.begin(), weights.recurrent.end(), nonzero);
    FrameCost::Layer of_layer = interpolated(entries, static_cast<std::uint64_t>(count));
    *cost.cycles += of_layer.cycles;
    if (cost.energy_pj && of_layer.energy_pj) {
      *cost.energy_pj += *of_layer.energy_pj;
    } else {
      cost.energy_pj.reset();
    }
    cost.layers.push_back(std::move(of_layer));
  }
  return cost;
}

}  // namespace lacuna

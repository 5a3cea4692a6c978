#include "sim/compress/compression_input.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/compress/layer_trace.h"
#include "sim/compress/model.h"
#include "sim/data/trace/trace_file.h"
#include "sim/family/configuration.h"
#include "sim/network/network_file.h"
#include "sim/network/write_network.h"

namespace lacuna {
namespace {

/// Even spacing over all vectors, so that a part stands for the whole.
void keep_vectors(ModelLayer& layer, std::uint32_t most) {
  ActivationSet& set = layer.activations;
  if (set.vectors <= most) {
    return;
  }
  ActivationSet kept{most, set.inputs, {}};
  std::vector<std::int32_t> labels;
  for (std::uint32_t i = 0; i < most; ++i) {
    const std::size_t vector = std::size_t{i} * set.vectors / most;
    const auto first = set.values.begin() + static_cast<std::ptrdiff_t>(vector * set.inputs);
    kept.values.insert(kept.values.end(), first, first + set.inputs);
    if (!layer.labels.empty()) {
      labels.push_back(layer.labels[vector]);
    }
  }
  set = std::move(kept);
  layer.labels = std::move(labels);
}

}  // namespace

CompressionInput::CompressionInput(const CompressionConfig& config, const std::string& name)
    : config_(config) {
  read_model(name);
  check_names();
  remove_skipped();
  make_settings();
}

void CompressionInput::read_model(const std::string& name) {
  const std::string& path = config_.model.resolved;
  const LayerFiles files{config_.biases.resolved, config_.activations.resolved, config_.labels.resolved};
  if (!is_yaml(path)) {
    model_ = read_weights(path, files);
    for (ModelLayer& layer : model_.layers) {
      keep_vectors(layer, config_.max_vectors);
    }
    rename_layer(name);
    return;
  }
  if (!files.biases.empty() || !files.activations.empty() || !files.labels.empty()) {
    throw ConfigurationError({path, 0, ""}, "is a network: it names its biases, images and labels itself",
                             "no such files beside it");
  }
  if (!name.empty()) {
    throw ConfigurationError({"", 0, "--name"}, "is given for a network", "a single layer");
  }
  network_ = std::make_unique<NetworkModel>(path, config_.max_vectors);
  model_ = network_->model();
}

void CompressionInput::rename_layer(const std::string& name) {
  if (name.empty()) {
    return;
  }
  if (model_.layers.size() != 1) {
    throw ConfigurationError({"", 0, "--name"}, "is given for a model of several layers", "a single layer");
  }
  model_.layers.front().name = name;
}

const LayerCompressionConfig* CompressionInput::own_config(const std::string& name) const {
  for (const LayerCompressionConfig& each : config_.layers) {
    if (each.name == name) {
      return &each;
    }
  }
  return nullptr;
}

void CompressionInput::check_names() const {
  for (const LayerCompressionConfig& each : config_.layers) {
    const auto same = [&each](const ModelLayer& layer) { return layer.name == each.name; };
    if (std::none_of(model_.layers.begin(), model_.layers.end(), same)) {
      throw ConfigurationError(each.place, "the model has no layer \"" + each.name + "\"",
                               "the name of a layer with weights");
    }
  }
}

void CompressionInput::remove_skipped() {
  for (const ModelLayer& layer : model_.layers) {
    const LayerCompressionConfig* own = own_config(layer.name);
    skipped_.push_back(own != nullptr && own->skip);
  }
  if (std::find(skipped_.begin(), skipped_.end(), true) == skipped_.end()) {
    return;
  }
  if (network_ != nullptr) {
    model_.accuracy = [this, inner = model_.accuracy,
                       all = model_.layers](const std::vector<WeightTensor>& weights) {
      return inner(with_skipped(weights, all));
    };
    if (!network_->model().accuracy) {
      model_.accuracy = nullptr;
    }
  }
  std::vector<ModelLayer> left;
  for (std::size_t i = 0; i < skipped_.size(); ++i) {
    if (!skipped_[i]) {
      left.push_back(model_.layers[i]);
    }
  }
  model_.layers = std::move(left);
}

std::vector<WeightTensor> CompressionInput::with_skipped(const std::vector<WeightTensor>& weights,
                                                         const std::vector<ModelLayer>& all) const {
  std::vector<WeightTensor> complete;
  std::size_t next = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    complete.push_back(skipped_[i] ? all[i].weights : weights[next++]);
  }
  return complete;
}

void CompressionInput::make_settings() {
  for (const ModelLayer& layer : model_.layers) {
    const LayerCompressionConfig* own = own_config(layer.name);
    const std::optional<PruneConfig>& prune = own != nullptr && own->prune ? own->prune : config_.prune;
    const RepresentationConfig& representation =
        own != nullptr && own->representation ? *own->representation : config_.representation;
    LayerSettings settings;
    settings.prune = prune ? prune->options() : PruneOptions();
    settings.representation = representation.options();
    settings.index_bits = own != nullptr && own->index_bits ? *own->index_bits : config_.index_bits;
    settings_.push_back(settings);
  }
}

void CompressionInput::write_network(const std::vector<WeightTensor>& weights,
                                     const std::string& folder) const {
  const Network network = network_->with_weights(with_skipped(weights, network_->model().layers));
  lacuna::write_network(network, read_network_file(config_.model.resolved).data, folder);
}

void use_machines(const CompressionConfig& config, const Families& families, CompressionOptions& options) {
  if (!config.machine.empty()) {
    const YamlNode document = load_configuration(config.machine.resolved);
    const Family& family = family_of(document, families);
    options.machine = family.layer_machine(document);
    if (options.machine == nullptr) {
      throw ConfigurationError(
          config.machine.place,
          fmt::format("machines of the family '{}' run whole networks, no single layers", family.kind()),
          "an architecture of another family");
    }
  }
  const Family* const first = families.front();
  options.machine_for = [first](std::uint32_t pe_count, std::uint32_t index_bits) {
    return first->roomy_layer_machine(pe_count, index_bits);
  };
}

void write_model(const CompressionInput& input, const CompressionResult& result, const std::string& output) {
  if (!input.is_network()) {
    const ModelLayer& layer = input.model().layers.front();
    write_trace(trace_of(result.layers.front().compressed, layer.activations, layer.labels), output);
    return;
  }
  std::vector<WeightTensor> weights;
  for (const LayerResult& layer : result.layers) {
    weights.push_back(expand(layer.compressed));
  }
  input.write_network(weights, output);
}

}  // namespace lacuna

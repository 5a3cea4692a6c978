#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/compress_options.h"
#include "sim/cli/long_work.h"
#include "sim/cli/outputs.h"
#include "sim/compress/compress_model.h"
#include "sim/compress/compression_file.h"
#include "sim/compress/compression_report.h"
#include "sim/compress/container.h"
#include "sim/compress/layer_trace.h"
#include "sim/compress/network_model.h"
#include "sim/data/trace/trace_file.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/files/output_file.h"
#include "sim/network/network_file.h"
#include "sim/network/write_network.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {
namespace {

/// What a recipe compresses: the layers of its model, without those that it skips, and the settings of each.
class CompressionInput {
 public:
  /// Reads the model; `name` renames a single layer. Throws ConfigurationError and InputDataError. The recipe
  /// must outlive this.
  CompressionInput(const CompressionConfig& config, const std::string& name);
  CompressionInput(const CompressionInput&) = delete;
  CompressionInput& operator=(const CompressionInput&) = delete;

  const Model& model() const { return model_; }
  const std::vector<LayerSettings>& settings() const { return settings_; }  ///< of each layer
  bool is_network() const { return network_ != nullptr; }

  /// Writes the network into a folder, its layers with these weights, skipped ones with their own.
  void write_network(const std::vector<WeightTensor>& weights, const std::string& folder) const;

 private:
  void read_model(const std::string& name);
  void rename_layer(const std::string& name);
  const LayerCompressionConfig* own_config(const std::string& name) const;
  void check_names() const;
  void remove_skipped();
  void make_settings();
  /// The weights of all layers from those of the compressed ones.
  std::vector<WeightTensor> with_skipped(const std::vector<WeightTensor>& weights,
                                         const std::vector<ModelLayer>& all) const;

  const CompressionConfig& config_;
  std::unique_ptr<NetworkModel> network_;
  Model model_;
  std::vector<bool> skipped_;
  std::vector<LayerSettings> settings_;
};

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

/// A trace of a single layer, or a network.
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

/// Throws ConfigurationError when a file that was asked for exists, or cannot be made of this model.
void check_compress_outputs(const CompressArguments& arguments, const CompressionInput& input) {
  check_outputs({{"--json", arguments.json}}, if_exists(arguments.force));
  check_output("--container", arguments.container, if_exists(arguments.force));
  const bool scan = !arguments.sensitivity.empty();
  if (scan && (!arguments.output.empty() || !arguments.container.empty())) {
    throw ConfigurationError({"", 0, "--sensitivity"}, "compresses nothing that could be written",
                             "--json, or no --sensitivity");
  }
  if (arguments.output.empty()) {
    return;
  }
  if (input.is_network()) {
    if (std::filesystem::exists(arguments.output) && !arguments.force) {
      throw ConfigurationError({arguments.output, 0, "--output"}, "exists already",
                               "another folder, or --force to replace its files");
    }
    return;
  }
  check_output("--output", arguments.output, if_exists(arguments.force));
  if (input.model().layers.size() != 1 || input.model().layers.front().activations.vectors == 0) {
    throw ConfigurationError({"", 0, "--output"}, "a trace is one layer with activations",
                             "--activations with a single layer, or --container");
  }
}

/// Writes what was asked for; returns the size of the container in bytes, where one was asked for.
std::optional<std::uint64_t> write_compressed(const CompressArguments& arguments,
                                              const CompressionInput& input,
                                              const CompressionResult& result) {
  write_outputs({{arguments.json, arguments.json.empty() ? "" : pretty_json(compression_json(result, {}))}});
  const InterruptBlock block;
  if (!arguments.output.empty()) {
    write_model(input, result, arguments.output);
  }
  if (arguments.container.empty()) {
    return std::nullopt;
  }
  std::vector<CompressedLayer> layers;
  for (const LayerResult& layer : result.layers) {
    layers.push_back(layer.compressed);
  }
  write_container(layers, arguments.fixed ? StreamCoding::fixed : StreamCoding::huffman, arguments.container);
  return std::filesystem::file_size(arguments.container);
}

CompressionOptions compression_options(const CompressArguments& arguments, const CompressionConfig& config,
                                       ProgressLine& line) {
  CompressionOptions options;
  options.compare_initialisations = arguments.compare_initialisations;
  if (!config.machine.empty()) {
    const YamlNode document = load_configuration(config.machine.resolved);
    const Family& family = family_of(document, families());
    options.machine = family.layer_machine(document);
    if (options.machine == nullptr) {
      throw ConfigurationError(
          config.machine.place,
          fmt::format("machines of the family '{}' run whole networks, no single layers", family.kind()),
          "an architecture of another family");
    }
  }
  options.machine_for = [](std::uint32_t pe_count, std::uint32_t index_bits) {
    return families().front()->roomy_layer_machine(pe_count, index_bits);
  };
  options.progress = [&line](const std::string& layer) {
    check_for_interrupt();
    line.show_text("compressing " + layer);
  };
  return options;
}

/// Each layer alone at each density.
void scan(const CompressArguments& arguments, const CompressionInput& input,
          const CompressionOptions& options, ProgressLine& line) {
  const std::vector<SensitivityPoint> points =
      scan_sensitivity(input.model(), input.settings(), arguments.sensitivity, options);
  line.clear();
  check_for_interrupt();
  write_outputs({{arguments.json, pretty_json(compression_json({}, points))}});
  if (!arguments.quiet && !is_standard_output(arguments.json)) {
    std::cout << sensitivity_text(points) << std::flush;
  }
}

void compress(const CompressArguments& arguments, const CompressionInput& input,
              const CompressionOptions& options, ProgressLine& line) {
  const CompressionResult result = compress_model(input.model(), input.settings(), options);
  line.clear();
  check_for_interrupt();
  const std::optional<std::uint64_t> bytes = write_compressed(arguments, input, result);
  if (!arguments.quiet && !is_standard_output(arguments.json)) {
    const std::vector<PublishedStorage> published =
        arguments.published.empty() ? std::vector<PublishedStorage>()
                                    : read_published_storage(arguments.published, arguments.network);
    std::cout << compression_text(result, published, bytes) << std::flush;
  }
}

void run_compress(const CompressArguments& arguments, const CompressionConfig& config) {
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  const CompressionInput input(config, arguments.name);
  check_compress_outputs(arguments, input);
  const CompressionOptions options = compression_options(arguments, config, line);
  if (arguments.sensitivity.empty()) {
    compress(arguments, input, options, line);
  } else {
    scan(arguments, input, options, line);
  }
}

}  // namespace

void add_compress(CLI::App& app) {
  auto arguments = std::make_shared<CompressArguments>();
  CLI::App* const command =
      app.add_subcommand("compress", "Prune, share and encode weights; print what it costs and saves");
  add_compress_options(*command, *arguments);
  command->callback(
      [command, arguments] { run_compress(*arguments, compression_config(*command, *arguments)); });
}

}  // namespace lacuna::cli

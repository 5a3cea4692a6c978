#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/compress_options.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/progress_line.h"
#include "sim/config/load_config.h"
#include "sim/deep_compression/compression_report.h"
#include "sim/deep_compression/container.h"
#include "sim/deep_compression/layer_trace.h"
#include "sim/deep_compression/network_model.h"
#include "sim/network/network_file.h"
#include "sim/network/write_network.h"
#include "sim/report/output_file.h"
#include "sim/report/pretty_json.h"
#include "sim/trace/trace_file.h"

namespace lacuna::cli {
namespace {

bool is_yaml(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  return ending == ".yaml" || ending == ".yml";
}

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

/// One command: the model, its settings, and what comes of it.
class Compression {
 public:
  Compression(const CompressArguments& arguments, CompressionConfig config)
      : arguments_(arguments), config_(std::move(config)), line_(!arguments.quiet && stderr_is_terminal()) {
    read_model();
    remove_skipped();
    make_settings();
    check_outputs();
    options_.compare_initialisations = arguments.compare_initialisations;
    if (!config_.machine.empty()) {
      options_.machine = load_architecture(config_.machine.resolved).parameters;
    }
    options_.progress = [this](const std::string& layer) {
      check_for_interrupt();
      line_.show_text("compressing " + layer);
    };
  }

  void run() {
    if (!arguments_.sensitivity.empty()) {
      scan();
      return;
    }
    const CompressionResult result = compress_model(model_, settings_, options_);
    line_.clear();
    check_for_interrupt();
    const std::uint64_t bytes = write(result);
    if (!arguments_.quiet) {
      const std::vector<PublishedStorage> published =
          arguments_.published.empty() ? std::vector<PublishedStorage>()
                                       : read_published_storage(arguments_.published, arguments_.network);
      std::cout << compression_text(result, published, bytes) << std::flush;
    }
  }

 private:
  void read_model() {
    const std::string& path = config_.model.resolved;
    const LayerFiles files{config_.biases.resolved, config_.activations.resolved, config_.labels.resolved};
    if (!is_yaml(path)) {
      model_ = read_weights(path, files);
      for (ModelLayer& layer : model_.layers) {
        keep_vectors(layer, config_.max_vectors);
      }
      rename_layer();
      return;
    }
    if (!files.biases.empty() || !files.activations.empty() || !files.labels.empty()) {
      throw ConfigurationError({path, 0, ""}, "is a network: it names its biases, images and labels itself",
                               "no such files beside it");
    }
    if (!arguments_.name.empty()) {
      throw ConfigurationError({"", 0, "--name"}, "is given for a network", "a single layer");
    }
    network_ = std::make_unique<NetworkModel>(path, config_.max_vectors);
    model_ = network_->model();
  }

  void rename_layer() {
    if (arguments_.name.empty()) {
      return;
    }
    if (model_.layers.size() != 1) {
      throw ConfigurationError({"", 0, "--name"}, "is given for a model of several layers", "a single layer");
    }
    model_.layers.front().name = arguments_.name;
  }

  const LayerCompressionConfig* own_config(const std::string& name) const {
    for (const LayerCompressionConfig& each : config_.layers) {
      if (each.name == name) {
        return &each;
      }
    }
    return nullptr;
  }

  void remove_skipped() {
    for (const LayerCompressionConfig& each : config_.layers) {
      const auto same = [&each](const ModelLayer& layer) { return layer.name == each.name; };
      if (std::none_of(model_.layers.begin(), model_.layers.end(), same)) {
        throw ConfigurationError(each.place, "the model has no layer \"" + each.name + "\"",
                                 "the name of a layer with weights");
      }
    }
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

  /// The weights of all layers from those of the compressed ones.
  std::vector<WeightTensor> with_skipped(const std::vector<WeightTensor>& weights,
                                         const std::vector<ModelLayer>& all) const {
    std::vector<WeightTensor> complete;
    std::size_t next = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      complete.push_back(skipped_[i] ? all[i].weights : weights[next++]);
    }
    return complete;
  }

  void make_settings() {
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

  void check_outputs() const {
    check_output("--json", arguments_.json, arguments_.force);
    check_output("--container", arguments_.container, arguments_.force);
    const bool scan = !arguments_.sensitivity.empty();
    if (scan && (!arguments_.output.empty() || !arguments_.container.empty())) {
      throw ConfigurationError({"", 0, "--sensitivity"}, "compresses nothing that could be written",
                               "--json, or no --sensitivity");
    }
    if (arguments_.output.empty()) {
      return;
    }
    if (network_ != nullptr) {
      if (std::filesystem::exists(arguments_.output) && !arguments_.force) {
        throw ConfigurationError({arguments_.output, 0, "--output"}, "exists already",
                                 "another folder, or --force to replace its files");
      }
      return;
    }
    check_output("--output", arguments_.output, arguments_.force);
    if (model_.layers.size() != 1 || model_.layers.front().activations.vectors == 0) {
      throw ConfigurationError({"", 0, "--output"}, "a trace is one layer with activations",
                               "--activations with a single layer, or --container");
    }
  }

  void scan() {
    const std::vector<SensitivityPoint> points =
        scan_sensitivity(model_, settings_, arguments_.sensitivity, options_);
    line_.clear();
    check_for_interrupt();
    if (!arguments_.json.empty()) {
      write_output(arguments_.json, pretty_json(compression_json({}, points)));
    }
    if (!arguments_.quiet) {
      std::cout << sensitivity_text(points) << std::flush;
    }
  }

  /// Writes what was asked for; returns the container's size.
  std::uint64_t write(const CompressionResult& result) {
    const InterruptBlock block;
    if (!arguments_.json.empty()) {
      write_output(arguments_.json, pretty_json(compression_json(result, {})));
    }
    if (!arguments_.output.empty()) {
      write_model(result);
    }
    if (arguments_.container.empty()) {
      return 0;
    }
    std::vector<CompressedLayer> layers;
    for (const LayerResult& layer : result.layers) {
      layers.push_back(layer.compressed);
    }
    write_container(layers, arguments_.fixed ? StreamCoding::fixed : StreamCoding::huffman,
                    arguments_.container);
    return std::filesystem::file_size(arguments_.container);
  }

  void write_model(const CompressionResult& result) {
    if (network_ == nullptr) {
      const ModelLayer& layer = model_.layers.front();
      write_trace(trace_of(result.layers.front().compressed, layer.activations, layer.labels),
                  arguments_.output);
      return;
    }
    std::vector<WeightTensor> weights;
    for (const LayerResult& layer : result.layers) {
      weights.push_back(expand(layer.compressed));
    }
    const Network network = network_->with_weights(with_skipped(weights, network_->model().layers));
    write_network(network, read_network_file(config_.model.resolved).data, arguments_.output);
  }

  const CompressArguments& arguments_;
  CompressionConfig config_;
  ProgressLine line_;
  std::unique_ptr<NetworkModel> network_;
  Model model_;
  std::vector<bool> skipped_;
  std::vector<LayerSettings> settings_;
  CompressionOptions options_;
};

}  // namespace

void add_compress(CLI::App& app) {
  auto arguments = std::make_shared<CompressArguments>();
  CLI::App* const command =
      app.add_subcommand("compress", "Prune, share and encode weights; print what it costs and saves");
  add_compress_options(*command, *arguments);
  command->callback(
      [command, arguments] { Compression(*arguments, compression_config(*command, *arguments)).run(); });
}

}  // namespace lacuna::cli

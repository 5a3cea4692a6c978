#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/compress/compress_model.h"
#include "sim/compress/compression_file.h"
#include "sim/compress/network_model.h"
#include "sim/family/family.h"

namespace lacuna {

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

/// Lets the options measure cycles: on the recipe's machine, or on one that has room for any layer. Throws
/// ConfigurationError for a machine that runs whole networks alone.
void use_machines(const CompressionConfig& config, const Families& families, CompressionOptions& options);

/// Writes what was compressed: a trace of a single layer, or a network's folder. Throws InputDataError.
void write_model(const CompressionInput& input, const CompressionResult& result, const std::string& output);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/input_images.h"
#include "sim/network/network.h"
#include "sim/network/network_file.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// `graph_training:`, how a graph network learns: all nodes at once, Adam, the weights of the epoch that
/// classifies most validation nodes.
struct GraphTrainingConfig {
  FilePath network;
  std::uint32_t epochs = 200;
  double rate = 0.01;
  double weight_decay = 5e-4;
  bool decay_all = false;
  double dropout = 0.5;
  double attention_dropout = 0.0;
  std::uint64_t seed = 1;
  std::uint32_t seeds = 1;
  std::uint32_t threads = 1;
  std::optional<std::uint32_t> weight_bits;
  std::optional<std::uint32_t> activation_bits;
  bool train_rest = false;
  std::string train = "train";
  std::string validation = "val";
  std::string test = "test";

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("network", c.network,
           "network file with a graph, and data with node_labels and split; its weights are drawn anew");
    v.integer("epochs", c.epochs, 1, 100000, "steps, each over all nodes");
    v.real("rate", c.rate, 1e-9, 1e3, "learning rate of Adam");
    v.real("weight_decay", c.weight_decay, 0.0, 1e3, "L2: times weights is added to their gradient");
    v.boolean("decay_all", c.decay_all, "of all weights; default: of the first transform alone");
    v.real("dropout", c.dropout, 0.0, 0.99, "share of a transform's inputs that is left out of a step");
    v.real("attention_dropout", c.attention_dropout, 0.0, 0.99,
           "likewise of the coefficients of attention by features");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of first weights and dropout");
    v.integer("seeds", c.seeds, 1, 1000, "networks that are trained, with this seed and those behind it");
    v.integer("threads", c.threads, 1, 64, "of libtorch; results depend on it");
    v.integer(
        "weight_bits", c.weight_bits, 2, 16,
        "weights are fixed-point numbers of these bits, 2: -1, 0 and 1 with a learnt threshold and scale "
        "for each row; default: real numbers");
    v.integer("activation_bits", c.activation_bits, 2, 16,
              "features and what layers give to layers are fixed-point numbers of these bits; default: real "
              "numbers");
    v.boolean(
        "train_rest", c.train_rest,
        "all labelled nodes that are in neither validation nor test are learnt, not the part train alone");
    v.text("train", c.train, "part of the split that is learnt");
    v.text("validation", c.validation, "part that chooses the epoch");
    v.text("test", c.test, "part that judges");
    v.required({"network"});
  }
};

struct GraphTrainingFile {
  GraphTrainingConfig graph_training;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("graph_training", c.graph_training, "how a graph network learns");
    v.required({"graph_training"});
  }
};

/// Bits of ternary weights.
inline constexpr std::uint32_t ternary_bits = 2;

/// How a layer's numbers are held; empty: real numbers.
struct GraphLayerNumbers {
  std::optional<std::uint32_t> weight_bits;  ///< of a layer with weights; 2: ternary
  std::optional<std::uint32_t>
      rounding_bits;  ///< of a `quantise` layer, whose step follows its input's range
};

/// A network and the numbers of each of its layers.
struct NumberedNetwork {
  Network network;
  std::vector<GraphLayerNumbers> numbers;
};

/// All that is trained, read and checked.
struct GraphTrainingInput {
  GraphTrainingConfig config;
  Network network;  ///< simplified, its graph loaded
  std::vector<GraphLayerNumbers> numbers;
  DataDescription data;
  Tensor features;
  std::vector<NodeLabel> train;
  std::vector<NodeLabel> validation;
  std::vector<NodeLabel> test;
  std::vector<std::string> files;
};

bool is_graph_training(const YamlNode& document);

/// Throws ConfigurationError, and InputDataError for a missing file.
GraphTrainingConfig load_graph_training(const YamlNode& document);

/// Reads the files of a recipe. Throws ConfigurationError for networks that cannot be trained here;
/// InputDataError for files, empty parts, and labels beyond the network's outputs.
GraphTrainingInput read_graph_training(const GraphTrainingConfig& config);

/// A `quantise` layer of these bits behind the layer at `position`.
NetworkLayer rounding_layer(const Network& network, std::size_t position, const std::string& name);

}  // namespace lacuna

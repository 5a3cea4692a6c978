#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/input_images.h"
#include "sim/network/network.h"
#include "sim/network/network_file.h"
#include "sim/yaml/scalars.h"

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

/// All that is trained, read and checked.
struct GraphTrainingInput {
  GraphTrainingConfig config;
  Network network;  ///< simplified, its graph loaded
  DataDescription data;
  Tensor features;
  std::vector<NodeLabel> train;
  std::vector<NodeLabel> validation;
  std::vector<NodeLabel> test;
  std::vector<std::string> files;
};

/// Reads a recipe and its files. Throws ConfigurationError for keys, and for networks that cannot be trained
/// here; InputDataError for files, empty parts, and labels beyond the network's outputs.
GraphTrainingInput read_graph_training(const std::string& recipe,
                                       const std::vector<std::string>& assignments);

}  // namespace lacuna

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/network/network.h"
#include "sim/network/network_workload.h"

namespace lacuna {

/// `network:`, the graph.
struct NetworkDescription {
  std::string name;
  std::optional<GraphSource> graph;
  std::vector<LayerDescription> layers;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name in reports");
    v.section("graph", c.graph, "graph of aggregation layers; its nodes are the height of their inputs");
    v.list("layers", c.layers,
           "layers, each after those it takes; the first is the input, the last the output");
    v.required({"layers"});
  }
};

/// `source:`, what the network was made from: for the record, nothing is computed from it.
struct NetworkSource {
  std::string model;
  std::string sha256;
  std::string input;
  std::string input_shape;
  std::string input_axes;
  std::string output;
  std::string output_axes;
  std::string vanished;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("model", c.model, "file of the model, without its folders");
    v.text("sha256", c.sha256, "checksum of that file");
    v.text("input", c.input, "the model's tensor that the network takes");
    v.text("input_shape", c.input_shape, "shape that was chosen for it, where the model leaves it open");
    v.text("input_axes", c.input_axes, "what each axis of that tensor is to the network");
    v.text("output", c.output, "the model's tensor that the network makes");
    v.text("output_axes", c.output_axes, "what each axis of that tensor is to the network");
    v.text("vanished", c.vanished, "how many of the model's numbers were too small for float32, if any were");
    v.required({"model"});
  }
};

/// A network file. Settings of a machine stand in a section of that machine, by the layers' names.
struct NetworkFile {
  NetworkDescription network;
  std::optional<DataDescription> data;
  std::optional<NetworkSource> source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("network", c.network, "graph of layers");
    v.section("data", c.data, "inputs to run");
    v.section("source", c.source, "what the network was made from");
    v.required({"network"});
  }
};

/// Reads and checks a network file: YAML, names, order, shapes. Weights and data are not read, but their
/// files must exist. Throws ConfigurationError, or InputDataError for a missing file.
NetworkFile read_network_file(const std::string& path);

/// The graph of a file. Throws ConfigurationError.
Network make_network(const NetworkDescription& description);

/// Both for callers that only want the graph.
Network load_network(const std::string& path);

}  // namespace lacuna

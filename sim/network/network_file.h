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
  std::vector<LayerDescription> layers;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name in reports");
    v.list("layers", c.layers,
           "layers, each after those it takes; the first is the input, the last the output");
    v.required({"layers"});
  }
};

/// A network file. Settings of a machine stand in a section of that machine, by the layers' names.
struct NetworkFile {
  NetworkDescription network;
  std::optional<DataDescription> data;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("network", c.network, "graph of layers");
    v.section("data", c.data, "inputs to run");
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

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/graph/node_labels.h"

namespace lacuna {

/// A stochastic block model with planted features (Holland et al. 1983; features are our choice): node n
/// belongs to block n mod `blocks`, which is its class.
struct BlockModel {
  std::uint32_t nodes = 1000;
  std::uint32_t blocks = 4;
  double degree = 4.0;     ///< mean number of neighbours, about: edges drawn twice count once
  double homophily = 0.8;  ///< share of edges whose other end is drawn from the same block
  std::uint32_t hub_power =
      1;  ///< ends are drawn at place size * u^hub_power of a block, u uniform: 1 all alike
  std::uint32_t features = 64;  ///< words
  std::uint32_t active = 8;     ///< words drawn for a node; those drawn twice count once
  double signal = 0.5;          ///< share of them from the block's own words; the others from all
  std::uint32_t train = 20;     ///< nodes of each block
  std::uint32_t validation = 100;
  std::uint32_t test = 200;
  std::uint64_t seed = 1;
};

struct BlockGraph {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;  ///< each once, the smaller node first, sorted
  std::vector<std::vector<std::uint32_t>> words;               ///< of each node, ascending
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
  std::vector<std::uint32_t> test;
};

/// The same model gives the same graph on every machine; every node has an edge. Throws ConfigurationError
/// for fewer than two nodes for a block, fewer words than blocks, and parts larger than the graph.
BlockGraph make_block_graph(const BlockModel& model);

/// Writes features.mtx, edges.csv, labels.csv and split.csv into a folder that exists. Throws InputDataError.
void write_block_graph(const BlockModel& model, const BlockGraph& graph, const std::string& folder);

}  // namespace lacuna

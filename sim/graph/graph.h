#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lacuna {

/// `node` takes the features of `neighbour`.
struct GraphEdge {
  std::uint32_t node = 0;
  std::uint32_t neighbour = 0;
};

inline bool operator==(const GraphEdge& a, const GraphEdge& b) {
  return a.node == b.node && a.neighbour == b.neighbour;
}
inline bool operator<(const GraphEdge& a, const GraphEdge& b) {
  return a.node != b.node ? a.node < b.node : a.neighbour < b.neighbour;
}

/// The pattern of an adjacency matrix, row by row: for each node those whose features it takes.
struct Graph {
  std::vector<std::uint64_t> starts = {0};  ///< nodes + 1
  std::vector<std::uint32_t> neighbours;    ///< ascending within a node

  std::uint32_t nodes() const { return static_cast<std::uint32_t>(starts.size() - 1); }
  /// Entries of the matrix: an undirected edge is two, a self-loop one.
  std::size_t entries() const { return neighbours.size(); }
  std::uint64_t degree(std::size_t node) const { return starts[node + 1] - starts[node]; }
};

/// Sorts the edges; those that stand twice count once. Both ends must be below `nodes`.
Graph make_graph(std::uint32_t nodes, std::vector<GraphEdge> edges);

/// Degrees of all nodes: the least, the mean, the most, and the share of entries that the hundredth of nodes
/// with the most has.
struct DegreeSummary {
  std::uint64_t least = 0;
  double mean = 0.0;
  std::uint64_t most = 0;
  double hub_share = 0.0;
};

DegreeSummary degree_summary(const Graph& graph);

}  // namespace lacuna

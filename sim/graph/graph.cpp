#include "sim/graph/graph.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace lacuna {

Graph make_graph(std::uint32_t nodes, std::vector<GraphEdge> edges) {
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  Graph graph;
  graph.starts.assign(std::size_t{nodes} + 1, 0);
  graph.neighbours.reserve(edges.size());
  for (const GraphEdge& edge : edges) {
    ++graph.starts[std::size_t{edge.node} + 1];
    graph.neighbours.push_back(edge.neighbour);
  }
  std::partial_sum(graph.starts.begin(), graph.starts.end(), graph.starts.begin());
  return graph;
}

DegreeSummary degree_summary(const Graph& graph) {
  DegreeSummary summary;
  if (graph.nodes() == 0) {
    return summary;
  }
  std::vector<std::uint64_t> degrees;
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    degrees.push_back(graph.degree(node));
  }
  std::sort(degrees.begin(), degrees.end(), std::greater<>());
  summary.least = degrees.back();
  summary.most = degrees.front();
  const auto all = static_cast<double>(graph.entries());
  summary.mean = all / static_cast<double>(degrees.size());
  const auto hubs = static_cast<std::ptrdiff_t>((degrees.size() + 99) / 100);
  const std::uint64_t of_hubs = std::accumulate(degrees.begin(), degrees.begin() + hubs, std::uint64_t{0});
  summary.hub_share = all == 0.0 ? 0.0 : static_cast<double>(of_hubs) / all;
  return summary;
}

}  // namespace lacuna

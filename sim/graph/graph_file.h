#pragma once

#include <cstdint>
#include <string>

#include "sim/graph/graph.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// `graph:`, the edges over which a network's aggregation layers run.
struct GraphSource {
  FilePath edges;
  bool directed = false;
  bool self_loops = true;
  bool allow_duplicates = false;
  bool allow_isolated = false;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("edges", c.edges,
           "edges: CSV with the columns u and v, nodes counted from 0; or the adjacency matrix as Matrix "
           "Market (.mtx) or SciPy (.npz) file, whose row is the node that takes features");
    v.boolean(
        "directed", c.directed,
        "CSV: v takes the features of u, but not u those of v; matrices: need not be symmetric; default "
        "false: a CSV file has each edge once");
    v.boolean("self_loops", c.self_loops, "adds each node to its own neighbours; default true");
    v.boolean("allow_duplicates", c.allow_duplicates, "edges that stand twice count once; default: an error");
    v.boolean("allow_isolated", c.allow_isolated, "nodes without neighbours are no error");
    v.required({"edges"});
  }
};

/// Largest CSV file of edges, labels or parts.
inline constexpr std::size_t max_graph_csv_bytes = std::size_t{256} << 20;

/// Reads a graph of `nodes` nodes. Throws InputDataError, with file and line or matrix place, for nodes that
/// it does not have, edges that stand twice, matrices that are not square or not symmetric or have other
/// values than 1, self-loops in the file beside `self_loops`, and isolated nodes.
Graph load_graph(const GraphSource& source, std::uint32_t nodes);

}  // namespace lacuna

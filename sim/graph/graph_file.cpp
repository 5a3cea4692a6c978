#include "sim/graph/graph_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/import/matrix_market.h"
#include "sim/data/import/npz_sparse.h"
#include "sim/files/csv_table.h"
#include "sim/graph/node_labels.h"

namespace lacuna {
namespace {

/// Most nodes of a graph.
constexpr std::uint32_t max_graph_nodes = std::uint32_t{1} << 24;

/// An edge with its line, so that a message can name it; matrices have none (0).
struct ReadEdge {
  GraphEdge edge;
  int line = 0;
};

std::string place_text(const GraphEdge& edge) {
  return fmt::format("the edge between {} and {}", edge.node, edge.neighbour);
}

std::vector<ReadEdge> read_csv(const std::string& path, std::uint32_t nodes) {
  const CsvTable table(path, max_graph_csv_bytes);
  std::vector<ReadEdge> edges;
  edges.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::uint32_t from = node_of(table, row, "u", nodes);
    edges.push_back({{node_of(table, row, "v", nodes), from}, table.line(row)});
  }
  return edges;
}

SparseMatrix read_matrix(const std::string& path, const std::string& extension) {
  if (extension == ".mtx") {
    return read_matrix_market(path);
  }
  if (extension == ".npz") {
    return read_sparse_npz(path);
  }
  throw InputDataError({path, 0, ""}, "is no file of edges", "names that end with .csv, .mtx or .npz");
}

std::vector<ReadEdge> edges_of(const SparseMatrix& matrix, const GraphSource& source, std::uint32_t nodes) {
  const std::string& path = source.edges.resolved;
  if (matrix.rows != nodes || matrix.columns != nodes) {
    throw InputDataError({path, 0, ""}, fmt::format("is a matrix of {}x{}", matrix.rows, matrix.columns),
                         fmt::format("{0}x{0}, as many as nodes", nodes));
  }
  if (matrix.added_entries > 0 && !source.allow_duplicates) {
    throw InputDataError({path, 0, ""}, fmt::format("has {} entries twice", matrix.added_entries),
                         "each once, or allow_duplicates: true");
  }
  std::vector<ReadEdge> edges;
  edges.reserve(matrix.values.size());
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      if (matrix.values[i] != 1.0F && matrix.added_entries == 0) {
        throw InputDataError({path, 0, ""},
                             fmt::format("the entry in row {}, column {} is {}", matrix.row_indices[i],
                                         column, matrix.values[i]),
                             "entries of 1: the layers' attention gives the coefficients");
      }
      edges.push_back({{matrix.row_indices[i], column}, 0});
    }
  }
  return edges;
}

/// Matrices of undirected graphs have each edge in both directions.
void check_symmetric(const std::vector<ReadEdge>& edges, const std::string& path) {
  std::vector<GraphEdge> sorted;
  sorted.reserve(edges.size());
  for (const ReadEdge& each : edges) {
    sorted.push_back(each.edge);
  }
  std::sort(sorted.begin(), sorted.end());
  for (const GraphEdge& edge : sorted) {
    if (!std::binary_search(sorted.begin(), sorted.end(), GraphEdge{edge.neighbour, edge.node})) {
      throw InputDataError({path, 0, ""},
                           fmt::format("is not symmetric: row {} has column {}, row {} has no column {}",
                                       edge.node, edge.neighbour, edge.neighbour, edge.node),
                           "a symmetric matrix, or directed: true");
    }
  }
}

void check_duplicates(const std::vector<ReadEdge>& edges, bool directed, const std::string& path) {
  std::vector<ReadEdge> sorted = edges;
  if (!directed) {
    for (ReadEdge& each : sorted) {
      each.edge = {std::min(each.edge.node, each.edge.neighbour),
                   std::max(each.edge.node, each.edge.neighbour)};
    }
  }
  std::sort(sorted.begin(), sorted.end(), [](const ReadEdge& a, const ReadEdge& b) {
    return a.edge == b.edge ? a.line < b.line : a.edge < b.edge;
  });
  const auto twice = std::adjacent_find(
      sorted.begin(), sorted.end(), [](const ReadEdge& a, const ReadEdge& b) { return a.edge == b.edge; });
  if (twice != sorted.end()) {
    throw InputDataError({path, (twice + 1)->line, ""},
                         fmt::format("{} stands in line {}, too", place_text(twice->edge), twice->line),
                         "each edge once, or allow_duplicates: true");
  }
}

void check_loops(const std::vector<ReadEdge>& edges, const std::string& path) {
  const auto loop = std::find_if(edges.begin(), edges.end(),
                                 [](const ReadEdge& each) { return each.edge.node == each.edge.neighbour; });
  if (loop != edges.end()) {
    throw InputDataError({path, loop->line, ""},
                         fmt::format("node {} is its own neighbour, and self_loops adds each node to its own",
                                     loop->edge.node),
                         "no self-loops in the file, or self_loops: false");
  }
}

void check_isolated(const std::vector<GraphEdge>& edges, std::uint32_t nodes, const std::string& path) {
  std::vector<bool> met(nodes, false);
  for (const GraphEdge& edge : edges) {
    if (edge.node != edge.neighbour) {
      met[edge.node] = true;
      met[edge.neighbour] = true;
    }
  }
  const auto isolated = std::count(met.begin(), met.end(), false);
  if (isolated > 0) {
    throw InputDataError({path, 0, ""},
                         fmt::format("{} nodes have no edge, node {} among them", isolated,
                                     std::find(met.begin(), met.end(), false) - met.begin()),
                         "an edge for each node, or allow_isolated: true");
  }
}

}  // namespace

Graph load_graph(const GraphSource& source, std::uint32_t nodes) {
  const std::string& path = source.edges.resolved;
  if (nodes < 1 || nodes > max_graph_nodes) {
    throw InputDataError({path, 0, ""}, fmt::format("is a graph of {} nodes", nodes),
                         fmt::format("1 to {}", max_graph_nodes));
  }
  const std::string extension = std::filesystem::path(path).extension().string();
  const bool csv = extension == ".csv";
  const std::vector<ReadEdge> read =
      csv ? read_csv(path, nodes) : edges_of(read_matrix(path, extension), source, nodes);
  if (csv && !source.allow_duplicates) {
    check_duplicates(read, source.directed, path);
  }
  if (!csv && !source.directed) {
    check_symmetric(read, path);
  }
  if (source.self_loops) {
    check_loops(read, path);
  }
  std::vector<GraphEdge> edges;
  edges.reserve(2 * read.size() + nodes);
  for (const ReadEdge& each : read) {
    edges.push_back(each.edge);
    if (csv && !source.directed) {
      edges.push_back({each.edge.neighbour, each.edge.node});
    }
  }
  if (!source.allow_isolated) {
    check_isolated(edges, nodes, path);
  }
  for (std::uint32_t node = 0; source.self_loops && node < nodes; ++node) {
    edges.push_back({node, node});
  }
  return make_graph(nodes, std::move(edges));
}

}  // namespace lacuna

#include "sim/graph/node_labels.h"

#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/error.h"
#include "sim/graph/graph_file.h"

namespace lacuna {
namespace {

/// A field that is a whole number from 0 to below `end`.
std::uint32_t whole(const CsvTable& table, std::size_t row, const std::string& column, double end,
                    const char* allowed) {
  const double value = table.number(row, column);
  if (value < 0.0 || value >= end || value != std::floor(value)) {
    throw InputDataError({table.path(), table.line(row), column},
                         fmt::format("is {}", table.text(row, column)),
                         fmt::format("{} from 0 to {}", allowed, end - 1.0));
  }
  return static_cast<std::uint32_t>(value);
}

void refuse_second(const CsvTable& table, std::size_t row, std::uint32_t node) {
  throw InputDataError({table.path(), table.line(row), "node"}, fmt::format("node {} stands twice", node),
                       "each node once");
}

}  // namespace

std::uint32_t node_of(const CsvTable& table, std::size_t row, const std::string& column,
                      std::uint32_t nodes) {
  return whole(table, row, column, nodes, "nodes");
}

std::vector<NodeLabel> read_node_labels(const std::string& labels, const std::string& split,
                                        const std::string& part, std::uint32_t nodes) {
  const CsvTable label_table(labels, max_graph_csv_bytes);
  std::vector<std::optional<std::int32_t>> label_of(nodes);
  for (std::size_t row = 0; row < label_table.rows(); ++row) {
    const std::uint32_t node = node_of(label_table, row, "node", nodes);
    if (label_of[node]) {
      refuse_second(label_table, row, node);
    }
    constexpr double most = std::numeric_limits<std::int32_t>::max();
    label_of[node] = static_cast<std::int32_t>(whole(label_table, row, "label", most, "labels"));
  }
  std::vector<NodeLabel> result;
  if (split.empty()) {
    for (std::uint32_t node = 0; node < nodes; ++node) {
      if (label_of[node]) {
        result.push_back({node, *label_of[node]});
      }
    }
    if (result.empty()) {
      throw InputDataError({labels, 0, ""}, "holds no label", "at least one");
    }
    return result;
  }
  const CsvTable split_table(split, max_graph_csv_bytes);
  std::vector<bool> met(nodes, false);
  std::vector<bool> chosen(nodes, false);
  std::set<std::string> parts;
  for (std::size_t row = 0; row < split_table.rows(); ++row) {
    const std::uint32_t node = node_of(split_table, row, "node", nodes);
    if (met[node]) {
      refuse_second(split_table, row, node);
    }
    met[node] = true;
    constexpr std::size_t shown_parts = 16;
    if (parts.size() < shown_parts) {
      parts.insert(split_table.text(row, "split"));
    }
    chosen[node] = split_table.text(row, "split") == part;
    if (chosen[node] && !label_of[node]) {
      throw InputDataError({split, split_table.line(row), ""},
                           fmt::format("node {} of the part '{}' has no label", node, part),
                           fmt::format("a label for it in {}", labels));
    }
  }
  for (std::uint32_t node = 0; node < nodes; ++node) {
    if (chosen[node]) {
      result.push_back({node, *label_of[node]});
    }
  }
  if (result.empty()) {
    throw InputDataError({split, 0, ""}, fmt::format("no node is in the part '{}'", part),
                         fmt::format("one of its parts: {}", fmt::join(parts, ", ")));
  }
  return result;
}

}  // namespace lacuna

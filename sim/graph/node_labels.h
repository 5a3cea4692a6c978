#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/files/csv_table.h"

namespace lacuna {

/// The class of a node.
struct NodeLabel {
  std::uint32_t node = 0;
  std::int32_t label = 0;
};

/// A field of a CSV table that names a node, counted from 0. Throws InputDataError, with the line, unless it
/// is a whole number below `nodes`.
std::uint32_t node_of(const CsvTable& table, std::size_t row, const std::string& column, std::uint32_t nodes);

/// Classes of the nodes of one part, ascending by node: `labels` is a CSV file with the columns node and
/// label, `split` one with the columns node and split, whose `part` is taken; without `split` all labelled
/// nodes. Throws InputDataError for nodes that there are not or that stand twice, nodes of the part without a
/// label, labels that are no whole numbers from 0, and an empty part.
std::vector<NodeLabel> read_node_labels(const std::string& labels, const std::string& split,
                                        const std::string& part, std::uint32_t nodes);

}  // namespace lacuna

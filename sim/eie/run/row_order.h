#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/eie/config/run_config.h"

namespace lacuna {

/// Which row of a layer stands where: element r is the layer's row that the machine computes as its row r.
using RowOrder = std::vector<std::uint32_t>;

/// Nonzeros of each row.
std::vector<std::uint64_t> row_nonzeros(const eie::CodedMatrix& matrix);

/// Nonzeros of each row under nonzero activations, summed over the first `sample` vectors; a bias column,
/// behind the inputs, counts for each of them.
std::vector<std::uint64_t> row_active_nonzeros(const eie::CodedMatrix& matrix,
                                               const std::vector<std::vector<std::int32_t>>& vectors,
                                               std::size_t sample, eie::NonzeroDetection detection);

/// An order in which the PEs' sums of `weights` are near each other: rows, the heaviest first, go to the PE
/// with the least so far that has a place left (longest processing time first, Graham 1969); among equals the
/// lowest number wins. Row batches keep their rows, for they run one after the other. Within a PE rows keep
/// their order. Padding is not foreseen.
RowOrder balanced_row_order(const std::vector<std::uint64_t>& weights, const eie::Parameters& machine);

/// The order that a layer's configuration asks for; empty for its own.
RowOrder configured_row_order(const LayerConfig& config, const eie::CodedMatrix& matrix,
                              const std::vector<std::vector<std::int32_t>>& vectors,
                              const eie::Parameters& machine);

/// The matrix with its rows in this order.
eie::CodedMatrix reordered(const eie::CodedMatrix& matrix, const RowOrder& order);

/// Undoes the order: outputs of the reordered layer, as the layer itself would give them.
std::vector<std::int32_t> in_layer_order(const std::vector<std::int32_t>& outputs, const RowOrder& order);

}  // namespace lacuna

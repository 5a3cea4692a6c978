#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/fixed_point.h"
#include "sim/data/trace/column_reader.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// What a machine adds up of a trace: the numbers as they are, or as its formats hold them.
struct Addends {
  std::vector<double> weights;                                          ///< of each code; empty: the codebook
  const std::vector<std::vector<std::int32_t>>* activations = nullptr;  ///< raw; null: the trace's own
  FixedFormat format;                                                   ///< of raw activations
  double bias_activation = 1.0;
  bool positive_only = false;  ///< negative activations are not broadcast
};

/// Largest magnitude that any accumulator passes through, in any vector, when the products are summed exactly
/// column after column. `columns` are those of the trace's matrix, of which only the shape is looked
/// at. Up to sixteen vectors are summed side by side, each in the order in which it would be alone, so that
/// the result does not depend on how many there are.
///
/// With `most_bytes`, as many groups of vectors share a pass over the columns as fit into it (for columns
/// that are costly to read); CapacityError when the sums of one vector do not. Without, one group at a time.
double largest_partial_sum(const Trace& trace, ColumnReader& columns,
                           std::optional<std::uint64_t> most_bytes = std::nullopt,
                           const Addends& addends = {});

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/data/import/sorted_weights.h"

namespace lacuna {

/// Whether `optimal_starts` can be asked: at most 2^23 distinct weights, and at most 2^27 of them times
/// clusters, which bounds the memory to about 1 GB.
bool has_room_for_optimum(const SortedWeights& weights, std::uint32_t clusters);

/// The division of the weights into so many clusters whose squared distances from their means have the least
/// sum (dynamic programming over the distinct weights; where the best cut lies moves on with the end of the
/// weights, so that each row takes n log n steps. Source of the recurrence: Wang and Song, Ckmeans.1d.dp, The
/// R Journal 3/2, 2011). Cluster k holds positions result[k] to result[k + 1] - 1. There are more distinct
/// weights than clusters, and room for it.
std::vector<std::size_t> optimal_starts(const SortedWeights& weights, std::uint32_t clusters);

}  // namespace lacuna

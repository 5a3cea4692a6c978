#pragma once

#include <vector>

#include "sim/data/import/kmeans.h"

namespace lacuna {

/// Initial centroids, ascending, `options.shared_values` of them. `sorted` holds the weights in ascending
/// order and more distinct values than there are centroids.
std::vector<double> initial_centroids(const std::vector<float>& sorted, const KmeansOptions& options);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/import/dense_import.h"
#include "sim/data/import/kmeans.h"
#include "sim/data/import/sparse_matrix.h"

namespace lacuna {

/// Reads a sparse matrix: `format` is npz, mtx or smtx. Throws InputDataError, and ConfigurationError for
/// another format.
SparseMatrix read_sparse(const std::string& format, const std::string& path);

/// Shares the weights of a sparse matrix [outputs, inputs] and makes it a trace without activations, as
/// `share_dense_layer` does for a dense one.
Trace share_sparse_layer(const SparseMatrix& weights, const std::vector<float>& bias,
                         const KmeansOptions& options);

/// Imports a sparse layer with its activations. A matrix of positions alone gets weights from `seed`, which
/// the provenance says. Throws InputDataError.
Trace import_sparse_layer(const std::string& format, const DenseLayerFiles& files,
                          const KmeansOptions& options, std::uint64_t seed);

}  // namespace lacuna

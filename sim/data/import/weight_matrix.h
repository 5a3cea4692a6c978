#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/data/import/kmeans.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/import/sparse_matrix.h"
#include "sim/data/import/tensor.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// A matrix of real weights [outputs, inputs] as a file holds it.
using WeightMatrix = std::variant<DenseMatrix, SparseMatrix>;

/// Formats of files with a matrix of real weights: npy, npz, mtx, smtx, safetensors, hdf5.
const std::vector<std::string>& weight_formats();

/// Those of them whose files hold arrays under names: npz, safetensors, hdf5.
const std::vector<std::string>& named_tensor_formats();

/// An array under its name in a file of such a format; hdf5: its path within the file. Throws InputDataError.
NamedTensor read_named_tensor(const std::string& format, const std::string& path, const std::string& name);

/// Reads the weights that `files` names. Throws InputDataError, and ConfigurationError for an unknown format.
WeightMatrix read_weight_matrix(const std::string& format, const DenseLayerFiles& files);

/// Imports a layer with its activations: its weights are shared by k-means. A matrix of positions alone gets
/// weights from `seed`, which the provenance says, as it says how many entries were added to others
/// and how many numbers were too small for float32. Name and
/// ReLU are left at their defaults. Throws InputDataError.
Trace import_weight_layer(const std::string& format, const DenseLayerFiles& files,
                          const KmeansOptions& options, std::uint64_t seed);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/sparse/layer.h"
#include "sim/data/import/bias_sharing.h"
#include "sim/data/import/kmeans.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// Compressed sparse columns of a dense matrix of codes [rows, columns] in C order; code 0 is a zero.
sparse::CodedMatrix compress_columns(const std::vector<std::uint8_t>& codes, std::uint32_t rows,
                                     std::uint32_t columns);

/// Shares the weights of a dense layer and makes it a trace without activations. `weights` is [outputs,
/// inputs]; `bias` has one value for each output, or is empty for a layer without a bias. The bias becomes
/// the last column, in the same codebook (bias_sharing.h; `activation_power`: mean square of the
/// activations). The error goes into the provenance.
Trace share_dense_layer(const DenseMatrix& weights, const std::vector<float>& bias,
                        const KmeansOptions& options, double activation_power = 1.0);

/// The files of one layer; an empty path means there is none.
struct DenseLayerFiles {
  std::string weights;        ///< [outputs, inputs]
  std::string bias;           ///< [outputs]
  std::string activations;    ///< [vectors, inputs] or [inputs]
  std::string labels;         ///< [vectors]
  std::string tensor{};       ///< name of the weights in a file of several arrays; empty: the only one
  std::string bias_tensor{};  ///< name of the biases in the same file
  bool transpose = false;     ///< the weights stand as [inputs, outputs] in the file
  std::optional<double> random_density{};  ///< share of nonzeros of activations to make; no file then
  std::uint32_t random_vectors = 1;
};

/// The biases of a layer with so many outputs; none where there is no file. Adds those that were too small
/// for float32 to `vanished`. Throws InputDataError.
std::vector<float> read_bias(const DenseLayerFiles& files, std::uint32_t rows, std::uint64_t* vanished);

/// Records that so many numbers of a role (weights, bias, activations, codebook) were too small for float32
/// and became 0, in the provenance as ROLE_vanished; nothing where there are none.
void record_vanished(Trace& trace, const std::string& role, std::uint64_t count);

/// Records how `weights` and `bias` were shared, and the error, in the provenance.
void record_sharing(Trace& trace, const SharedLayerValues& shared, const std::vector<float>& weights,
                    const std::vector<float>& bias, const KmeansOptions& options);

/// Completes a trace with activations and labels, records the files in the provenance, and checks it.
void add_layer_files(Trace& trace, const DenseLayerFiles& files, ActivationSet activations);

/// Imports a layer whose weights are shared already, from a folder with `indptr.npy` (columns + 1),
/// `indices.npy` (row of each nonzero), `codes.npy` (codebook index of each), `codebook.npy` (element 0 is 0)
/// and `activations.npy` ([vectors, inputs] or [inputs]). With one column more than inputs the last column is
/// the bias. `rows` absent: the largest row that occurs, plus one. Name and ReLU are left at their defaults.
/// Throws InputDataError.
Trace import_csc_npy(const std::string& folder, std::optional<std::uint32_t> rows);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/data/trace/quantise.h"
#include "sim/data/trace/trace.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/run/layer_report.h"
#include "sim/eie/sweep/eie_metrics.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/family/shared_cache.h"

namespace lacuna {

/// What of a machine decides the numbers that it computes with, and so raw activations: widths of weights,
/// activations and accumulators, rounding, nonzero detection; for a network also the codebook's index bits,
/// else 0.
using ValueKey =
    std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

/// The same for equal matrices.
struct MatrixKey {
  bool of_network = false;
  std::size_t source = 0;                 ///< number of the trace, or of the workload that is a network
  std::uint32_t codebook_index_bits = 0;  ///< with which a network's weights became codes
  std::size_t place = 0;                  ///< among the network's matrices

  friend bool operator<(const MatrixKey& a, const MatrixKey& b) {
    return std::tie(a.of_network, a.source, a.codebook_index_bits, a.place) <
           std::tie(b.of_network, b.source, b.codebook_index_bits, b.place);
  }
};

/// A matrix with all vectors that it runs, in the widths of a machine.
struct MatrixRun {
  QuantisedLayer ready;  ///< in a sweep on the timeline its matrix has a shape alone
  std::shared_ptr<const eie::CodedMatrix> matrix;
  MatrixKey key;
  std::size_t layer = 0;  ///< that it belongs to
  /// Of a layer that says how its rows are ordered; null: as they come.
  const LayerConfig* row_order = nullptr;
  MemoryRun::Inputs inputs = MemoryRun::Inputs::of_their_own;  ///< where its vectors come from
};

/// What values tell of a layer.
struct LayerFindings {
  std::uint64_t saturations = 0;  ///< clipped sums, all vectors together
  Classification classification;  ///< of its outputs, where there are labels
};

/// A workload in the widths of a machine: the layers that results show, and the matrices that they run.
struct PreparedWorkload {
  std::vector<std::string> layers;
  std::vector<MatrixRun> runs;  ///< those of a layer one after the other
  /// Of each layer, in a sweep with values. A row's sums do not depend on the PE that holds it, nor on
  /// anything else of the machine but its widths.
  std::vector<LayerFindings> values;
  std::vector<FormatCounts> formats;  ///< of each layer

  std::uint64_t bytes() const;
};

/// The layers' counts before anything has run.
std::vector<LayerCounts> empty_counts(const PreparedWorkload& workload);

/// A machine that computes the same values as `machine` and that everything fits.
eie::Parameters roomy(eie::Parameters machine);

/// A layer of a workload with its trace; `id` is equal for layers that have the same one.
struct TracedLayer {
  const LayerConfig* config = nullptr;
  std::shared_ptr<const Trace> trace;
  std::size_t id = 0;
};

/// Whether layers that are ready hold the (large) entries of their matrices, or leave them with the matrices
/// that they share.
enum class MatrixEntries { held, shared };

/// A sweep's workloads made ready for machines, their traces loaded (or generated) once, by the constructor.
/// The rest may be called from any thread. What is made for all points, which wait for it, is made by as many
/// threads as the surroundings say.
class PreparedWorkloads {
 public:
  /// Loads the traces of the workloads for which `wanted` is true. Throws InputDataError or
  /// ConfigurationError.
  PreparedWorkloads(const EieWorkloads& workloads, const std::vector<bool>& wanted,
                    const SweepSurroundings& surroundings, MatrixEntries entries);

  /// What decides the values of a point's workload.
  ValueKey value_key(const EiePoint& point) const;

  /// Throws ConfigurationError when the workload does not go with the machine.
  std::shared_ptr<const PreparedWorkload> prepared(const EiePoint& point) const;

 private:
  PreparedWorkload prepare(const EiePoint& point) const;

  const EieWorkloads& workloads_;
  const MatrixEntries entries_;
  const std::size_t threads_;
  std::vector<std::vector<TracedLayer>> layers_;  ///< of each workload
  mutable SharedCache<std::pair<std::size_t, ValueKey>, PreparedWorkload> cache_;
};

}  // namespace lacuna

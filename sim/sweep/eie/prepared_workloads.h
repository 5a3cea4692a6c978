#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "sim/sweep/eie/eie_workload.h"
#include "sim/sweep/space/shared_cache.h"
#include "sim/trace/quantise.h"
#include "sim/trace/trace.h"

namespace lacuna {

/// What of a machine decides the numbers that it computes with, and so a layer's raw activations: widths of
/// weights, activations and accumulators, rounding, nonzero detection.
using ValueKey = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

ValueKey value_key(const eie::Parameters& machine);

/// The layers of one workload in the widths of a machine.
struct PreparedWorkload {
  std::vector<QuantisedLayer> layers;
  /// Clipped sums of each layer, all vectors together, in a sweep with values. A row's sums do not depend on
  /// the PE that holds it, nor on anything else of the machine but its widths.
  std::vector<std::uint64_t> saturations;

  std::uint64_t bytes() const;
};

/// The traces of a sweep's workloads, loaded (or generated) once, and their layers made ready for machines.
/// Reading traces is not for several threads: it happens in the constructor. `prepared` may be called from
/// any.
class PreparedWorkloads {
 public:
  /// Loads the workloads for which `wanted` is true. `keep_matrices` false leaves the (large) matrices out of
  /// prepared layers, apart from their shape. Throws InputDataError or ConfigurationError.
  PreparedWorkloads(const EieWorkloads& workloads, const std::vector<bool>& wanted,
                    const std::string& reference_folder, bool keep_matrices);

  const Trace& trace(std::size_t workload, std::size_t layer) const {
    return *traces_[trace_ids_[workload][layer]];
  }
  /// Equal for layers that have the same trace.
  std::size_t trace_id(std::size_t workload, std::size_t layer) const { return trace_ids_[workload][layer]; }
  const LayerConfig& config(std::size_t workload, std::size_t layer) const {
    return workloads_.list[workload].layers[layer];
  }

  /// Layers that take the outputs of the layer before have them computed. Throws ConfigurationError when a
  /// layer's formats do not go with the machine.
  std::shared_ptr<const PreparedWorkload> prepared(const EiePoint& point) const;

 private:
  PreparedWorkload prepare(const EiePoint& point) const;

  const EieWorkloads& workloads_;
  const bool keep_matrices_;
  std::vector<std::unique_ptr<const Trace>> traces_;
  std::vector<std::vector<std::size_t>> trace_ids_;  ///< of each layer of each workload
  mutable SharedCache<std::pair<std::size_t, ValueKey>, PreparedWorkload> cache_;
};

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/eie/sweep/eie_workload.h"
#include "sim/eie/sweep/prepare_layers.h"
#include "sim/eie/sweep/prepared_workload.h"
#include "sim/family/shared_cache.h"

namespace lacuna {

/// A sweep's workloads made ready for machines, their traces loaded (or generated) once. Reading traces is
/// not for several threads: it happens in the constructor. The rest may be called from any.
class PreparedWorkloads {
 public:
  /// Loads the traces of the workloads for which `wanted` is true. `keep_matrices` false leaves the (large)
  /// entries out of layers that are ready, which then share their matrices. Throws InputDataError or
  /// ConfigurationError.
  PreparedWorkloads(const EieWorkloads& workloads, const std::vector<bool>& wanted,
                    const std::string& reference_folder, bool keep_matrices);

  /// What decides the values of a point's workload.
  ValueKey value_key(const EiePoint& point) const;

  /// Throws ConfigurationError when the workload does not go with the machine.
  std::shared_ptr<const PreparedWorkload> prepared(const EiePoint& point) const;

 private:
  PreparedWorkload prepare(const EiePoint& point) const;

  const EieWorkloads& workloads_;
  const bool keep_matrices_;
  std::vector<std::vector<TracedLayer>> layers_;  ///< of each workload
  mutable SharedCache<std::pair<std::size_t, ValueKey>, PreparedWorkload> cache_;
};

}  // namespace lacuna

#pragma once

#include <string>
#include <vector>

#include "sim/sweep/sweep.h"

namespace lacuna {

/// Names sweeps and points by what decides their counts, so that stored results are found again and never
/// taken for others'. Energy, constraints and objectives decide no counts and do not matter.
class Identity {
 public:
  /// Reads (for their checksums) the files of the sweep's workloads. Throws InputDataError.
  Identity(const Sweep& sweep, const SweepSurroundings& surroundings);

  /// SHA-256 of program version and commit, engine, base machine, workloads, axes and sampling.
  const std::string& sweep() const { return sweep_hash_; }

  /// SHA-256 of engine, machine and workload.
  std::string point(const SweepPoint& point) const;

 private:
  const DesignSpace& space_;
  std::string engine_;
  std::vector<std::string> workloads_;
  std::string sweep_hash_;
};

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/eie/sweep/eie_space.h"
#include "sim/family/design_space.h"

namespace lacuna {

/// What a matrix asks of any machine.
struct MatrixWork {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::uint64_t vectors = 0;     ///< that run
  std::uint64_t broadcasts = 0;  ///< nonzero activations, all vectors together
  std::uint64_t products = 0;    ///< nonzero weights that meet them
};

/// The matrices of a workload. Densities are taken for independent of each other; of a network's activations,
/// which only a run knows, half are taken for zero. Reads trace files. Throws InputDataError.
std::vector<MatrixWork> workload_work(const EieWorkload& workload, std::uint64_t seed,
                                      const std::string& reference_folder);

/// Clock cycles times PEs that a machine needs at least, by its busiest part: every broadcast is a cycle of
/// all PEs in each batch of rows, every product one of a PE.
std::uint64_t pe_cycles(const std::vector<MatrixWork>& work, const eie::Parameters& machine);

/// As DesignSpace::expected_cost has it.
PointCost eie_expected_cost(const EieSpace& space, const std::string& engine,
                            const SweepSurroundings& surroundings);

}  // namespace lacuna

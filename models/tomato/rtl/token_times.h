#pragma once

#include <cstdint>
#include <vector>

#include "models/tomato/arithmetic.h"
#include "models/tomato/engine.h"

namespace lacuna::tomato {

/// When tokens went into a FIFO and out of it: the cycles, token by token, over all frames of a run.
struct TokenTimes {
  std::vector<std::uint64_t> pushes;
  std::vector<std::uint64_t> pops;
};

/// What was seen of a run, from the outside.
struct SeenRun {
  std::uint32_t frames = 1;
  std::vector<TokenTimes> fifos;           ///< as Pipeline::edges; tokens of the run's frames alone
  std::vector<std::uint64_t> saturations;  ///< of each unit
  std::vector<std::vector<Gate>> gates;    ///< of each unit: of winners, by frame, which channels are open
  std::vector<std::vector<std::int64_t>> outputs;
};

/// All figures of a run (contract, sections 7 to 9) from when tokens moved. A run in which tokens are missing
/// is a deadlock. In a complete run each push and pop is held against the contract's recurrences, which have
/// one solution: std::logic_error, naming unit and token, if one comes in another cycle.
RunResult result_of(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                    const SeenRun& seen);

}  // namespace lacuna::tomato

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "models/tomato/parameters.h"
#include "models/tomato/pipeline.h"
#include "models/tomato/steady_state.h"

namespace lacuna::tomato {

/// What FIFO sizing found.
struct FifoSizing {
  SteadyState steady;      ///< with FIFOs that never are full; not slower with the depths found
  std::uint64_t runs = 0;  ///< of the timeline engine
};

/// Makes every FIFO so deep that no run fills it.
void make_never_full(Pipeline& pipeline);

/// Gives every FIFO the smallest depth with which the steady state keeps the cycles per frame that it has
/// with FIFOs that are never full. From what a run with such FIFOs needs they are made smaller one after the
/// other, those of the widest tokens first, while all others stay as they are: no depth of the result can be
/// less by itself. Runs the timeline
/// engine without values, for as many frames as it takes until the intervals repeat. Throws
/// ConfigurationError when the machine stands still even with FIFOs that are never full.
FifoSizing size_fifos(Pipeline& pipeline, const Parameters& parameters);

/// FIFO depths that were found once, for machines that differ in nothing that decides them: formats of the
/// same latency, the clock, the device. For several threads.
class SharedSizings {
 public:
  /// As size_fifos.
  FifoSizing size(Pipeline& pipeline, const Parameters& parameters);

 private:
  struct Found {
    FifoSizing sizing;
    std::vector<std::uint32_t> depths;  ///< as Pipeline::edges
  };

  std::mutex mutex_;
  std::map<std::string, Found> found_;  ///< by what decides the depths
};

}  // namespace lacuna::tomato

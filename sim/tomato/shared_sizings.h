#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sim/tomato/fifo_sizing.h"

namespace lacuna::tomato {

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

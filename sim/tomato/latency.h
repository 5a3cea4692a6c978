#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/parameters.h"
#include "models/tomato/pipeline.h"
#include "sim/tomato/balance.h"

namespace lacuna::tomato {

/// How much faster than its throughput needs each unit is made for a short way through the pipeline (our
/// choice).
///
/// Behind the last pixel a unit still has about a row of its map to work on: row = map width x I cycles, with
/// the I that the throughput asks for; on `lanes` operators. Made s times as fast it takes row / s on lanes x
/// s, and the sum of row / s under a given sum of lanes x s is least with s in proportion to sqrt(row /
/// lanes). One factor of proportion is left, the step: it grows by a sixteenth of a power of two from step to
/// step.
class LatencySteps {
 public:
  static constexpr std::size_t count = 400;  ///< the last has every unit at a token a cycle

  /// `balanced` is the analysis of `pipeline` with the unroll factors that its throughput needs. Units with
  /// stated factors (`fixed`, as Pipeline::units) keep them.
  LatencySteps(const Pipeline& pipeline, const Analysis& balanced, const std::vector<FixedUnroll>& fixed);

  /// Cycles per frame that each unit may need at a step, 0..count - 1; step 0 changes nothing.
  std::vector<std::uint64_t> targets(std::size_t step) const;

 private:
  struct UnitPace {
    std::uint64_t least = 0;       ///< cycles per frame at a token a cycle
    std::uint64_t balanced = 0;    ///< cycles per frame that the throughput needs
    std::optional<double> weight;  ///< sqrt(row / lanes); nothing: stays as it is
  };
  std::vector<UnitPace> units_;
};

/// Cycles from reset to the end of the first frame, on the timeline engine without values. With `never_full`
/// as if all FIFOs were deep enough. Throws ConfigurationError for a machine that stands still.
std::uint64_t frame_latency(Pipeline pipeline, const Parameters& parameters, bool never_full);

}  // namespace lacuna::tomato

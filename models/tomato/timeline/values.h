#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/timeline/gates.h"
#include "models/tomato/timeline/weight_rows.h"

namespace lacuna::tomato::timeline {

/// What flows through an edge in one frame: mantissas [pixel][channel]. A stream of windows is the map that
/// the windows slide over.
struct FrameValues {
  std::shared_ptr<const std::vector<std::int64_t>> values;
  MapShape map;
  const Unit* window = nullptr;  ///< the unit that made the windows
  std::int64_t padding = 0;      ///< mantissa outside the map
};

/// The result of a frame.
struct FrameOutcome {
  std::vector<std::int64_t> outputs;       ///< at the sink
  FrameGates gates;                        ///< of the winners
  std::vector<std::uint64_t> saturations;  ///< as in Pipeline::units
};

/// The values of a pipeline, frame by frame, without its time (contract, section 6).
class ValueModel {
 public:
  /// Keeps references. Weights must be there.
  ValueModel(const Pipeline& pipeline, const Analysis& analysis);

  /// One frame; may run in several threads at once.
  FrameOutcome run(const std::vector<std::int32_t>& pixels) const;

 private:
  const Pipeline& pipeline_;
  const Analysis& analysis_;
  std::vector<WeightRows> rows_;  ///< as in Pipeline::units
};

}  // namespace lacuna::tomato::timeline

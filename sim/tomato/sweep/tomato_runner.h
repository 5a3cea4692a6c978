#pragma once

#include "sim/tomato/sweep/tomato_space.h"

namespace lacuna::tomato {

/// Builds the machine of each point and runs it. Networks, weights and devices are shared.
class TomatoRunner : public PointRunner {
 public:
  TomatoRunner(const TomatoSpace& space, EngineKind engine) : space_(space), engine_(engine) {}

  PointOutcome run(const SweepPoint& point) const override;

 private:
  const TomatoSpace& space_;
  const EngineKind engine_;
};

}  // namespace lacuna::tomato

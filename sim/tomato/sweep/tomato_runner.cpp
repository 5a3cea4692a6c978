#include "sim/tomato/sweep/tomato_runner.h"

#include "models/common/error.h"
#include "sim/tomato/sweep/tomato_counts.h"

namespace lacuna::tomato {

PointOutcome TomatoRunner::run(const SweepPoint& point) const {
  TomatoConfig config = space_.config(point.choices);
  config.engine = engine_;
  try {
    return {{}, tomato_counts(run_tomato(config, space_.inputs(point.choices), {})).dump()};
  } catch (const ConfigurationError& error) {
    return {error.what(), {}};
  }
}

}  // namespace lacuna::tomato

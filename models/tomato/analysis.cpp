#include "models/tomato/analysis.h"

#include "models/tomato/analysis_steps.h"

namespace lacuna::tomato {

Analysis analyse(const Pipeline& pipeline, const Parameters& parameters) {
  Analysis analysis;
  analyse_graph(pipeline, analysis);
  analyse_streams(pipeline, analysis);
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    plan_unit(pipeline, parameters, unit, analysis);
  }
  return analysis;
}

}  // namespace lacuna::tomato

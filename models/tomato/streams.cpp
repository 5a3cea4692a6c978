#include "models/tomato/stream_rules.h"

namespace lacuna::tomato {

void analyse_streams(const Pipeline& pipeline, Analysis& analysis) {
  analysis.streams.resize(pipeline.edges.size());
  for (const std::size_t position : analysis.order) {
    UnitPlan& plan = analysis.units[position];
    const StreamRules rules(pipeline, analysis, position);
    const Stream output = rules.output();
    rules.check_gates();
    for (const std::size_t edge : plan.outputs) {
      analysis.streams[edge] = output;
    }
    plan.results_per_frame = plan.outputs.empty() ? 0 : output.tokens_per_frame();
    plan.tokens_per_frame = plan.inputs.empty() ? output.tokens_per_frame()
                                                : analysis.streams[plan.inputs.front()].tokens_per_frame();
  }
}

}  // namespace lacuna::tomato

#include "sim/tomato/tomato_engine.h"

#include "models/common/error.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"

namespace lacuna::tomato {

const std::vector<EngineInfo>& tomato_engines() {
  static const std::vector<EngineInfo> engines = {
      {"systemc", "clock by clock, the reference", true, true, true, true},
      {"timeline", "the same counts from recurrences", false, false, false, true}};
  return engines;
}

EngineKind engine_kind(const std::string& name) {
  if (name == "systemc" || name == "timeline") {
    return name == "systemc" ? EngineKind::systemc : EngineKind::timeline;
  }
  throw ConfigurationError({{}, 0, "engine"}, "the streaming machine has no engine '" + name + "'",
                           "allowed: systemc, timeline");
}

std::unique_ptr<Engine> make_engine(EngineKind kind, const Pipeline& pipeline, const Parameters& parameters,
                                    const TomatoEngineOptions& options) {
  if (kind == EngineKind::timeline) {
    if (!options.wave_file.empty()) {
      throw ConfigurationError({}, "the timeline engine has no waves", "--engine systemc");
    }
    return make_timeline_engine(pipeline, parameters, options.threads);
  }
  if (options.in_child_process) {
    return make_forked_systemc_engine(pipeline, parameters);
  }
  return make_systemc_engine(pipeline, parameters, SystemCOptions{options.wave_file});
}

}  // namespace lacuna::tomato

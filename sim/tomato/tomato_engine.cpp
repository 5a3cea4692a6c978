#include "sim/tomato/tomato_engine.h"

#include "models/common/error.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"

namespace lacuna::tomato {

std::string unfinished_wave_file(const TomatoEngineOptions& options) {
  return options.wave_file.empty() ? std::string() : unfinished_wave_path(options.wave_file);
}

std::unique_ptr<Engine> make_engine(EngineKind kind, const Pipeline& pipeline, const Parameters& parameters,
                                    const TomatoEngineOptions& options) {
  if (kind == EngineKind::timeline) {
    if (!options.wave_file.empty()) {
      throw ConfigurationError({}, "the timeline engine has no waves", "--engine systemc");
    }
    return make_timeline_engine(pipeline, parameters, options.threads);
  }
  if (kind == EngineKind::systemc && options.in_child_process) {
    return make_forked_systemc_engine(pipeline, parameters);
  }
  if (kind == EngineKind::systemc) {
    return make_systemc_engine(pipeline, parameters, SystemCOptions{options.wave_file});
  }
  throw ConfigurationError({}, "the tomato machine has no such engine in this build",
                           "allowed: systemc, timeline");
}

}  // namespace lacuna::tomato

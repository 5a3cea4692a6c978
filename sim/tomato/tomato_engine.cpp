#include "sim/tomato/tomato_engine.h"

#include "models/common/error.h"
#include "models/tomato/timeline/timeline_engine.h"
#ifdef LACUNA_HAS_TOMATO_SYSTEMC
#include "models/tomato/systemc/systemc_engine.h"
#endif

namespace lacuna::tomato {

std::string unfinished_wave_file([[maybe_unused]] const TomatoEngineOptions& options) {
#ifdef LACUNA_HAS_TOMATO_SYSTEMC
  if (!options.wave_file.empty()) {
    return unfinished_wave_path(options.wave_file);
  }
#endif
  return {};
}

std::unique_ptr<Engine> make_engine(EngineKind kind, const Pipeline& pipeline, const Parameters& parameters,
                                    const TomatoEngineOptions& options) {
  if (kind == EngineKind::timeline) {
    if (!options.wave_file.empty()) {
      throw ConfigurationError({}, "the timeline engine has no waves", "--engine systemc");
    }
    return make_timeline_engine(pipeline, parameters, options.threads);
  }
#ifdef LACUNA_HAS_TOMATO_SYSTEMC
  if (kind == EngineKind::systemc && options.in_child_process) {
    return make_forked_systemc_engine(pipeline, parameters);
  }
  if (kind == EngineKind::systemc) {
    return make_systemc_engine(pipeline, parameters, SystemCOptions{options.wave_file});
  }
#endif
  throw ConfigurationError({}, "the tomato machine has no such engine in this build",
                           "allowed: systemc, timeline");
}

}  // namespace lacuna::tomato

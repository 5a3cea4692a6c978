#include "sim/tomato/tomato_engine.h"

#include "models/common/error.h"
#include "models/tomato/rtl/rtl_engine.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"

namespace lacuna::tomato {

const std::vector<EngineInfo>& tomato_engines() {
  static const std::vector<EngineInfo> engines = {
      {"systemc", "clock by clock, the reference", true, true, true, true},
      {"timeline", "the same counts from recurrences", false, false, false, true},
      {"rtl", "the generated SystemVerilog under Verilator", true, false, false, false}};
  return engines;
}

EngineKind engine_kind(const std::string& name) {
  const std::vector<EngineInfo>& engines = tomato_engines();
  for (std::size_t kind = 0; kind < engines.size(); ++kind) {
    if (engines[kind].name == name) {
      return static_cast<EngineKind>(kind);
    }
  }
  throw ConfigurationError({{}, 0, "engine"}, "the streaming machine has no engine '" + name + "'",
                           "allowed: systemc, timeline, rtl");
}

std::string rtl_sources(const std::string& models) {
  return models + "/tomato/rtl";
}

std::unique_ptr<Engine> make_engine(EngineKind kind, const Pipeline& pipeline, const Parameters& parameters,
                                    const TomatoEngineOptions& options) {
  if (kind != EngineKind::systemc && !options.wave_file.empty()) {
    throw ConfigurationError(
        {}, "the " + tomato_engines()[static_cast<std::size_t>(kind)].name + " engine has no waves",
        "--engine systemc");
  }
  if (kind == EngineKind::rtl) {
    RtlBuild build;
    build.source_folder = options.rtl_source_folder;
    build.cache_folder = options.rtl_cache_folder;
    return make_rtl_engine(pipeline, parameters, build, options.data_plane);
  }
  if (kind == EngineKind::timeline) {
    return make_timeline_engine(pipeline, parameters, options.threads);
  }
  if (options.in_child_process) {
    return make_forked_systemc_engine(pipeline, parameters);
  }
  return make_systemc_engine(pipeline, parameters, SystemCOptions{options.wave_file, options.wave_only});
}

}  // namespace lacuna::tomato

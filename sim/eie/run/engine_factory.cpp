#include "sim/eie/run/engine_factory.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/error.h"
#include "models/eie/rtl/rtl_engine.h"
#include "models/eie/systemc/systemc_engine.h"
#include "models/eie/timeline/timeline_engine.h"

namespace lacuna {

const std::vector<EngineInfo>& eie_engines() {
  static const std::vector<EngineInfo> engines = {
      {"systemc", "clock by clock, the reference", true, true, true, true},
      {"timeline", "the same counts from recurrences", false, false, false, true},
      {"rtl", "SystemVerilog under Verilator", true, false, true, false}};
  return engines;
}

std::string engine_name(EngineKind kind) {
  const auto place = static_cast<std::size_t>(kind);
  return place < eie_engines().size() ? eie_engines()[place].name : fmt::format("{}", place);
}

EngineKind engine_kind(const std::string& name) {
  const EngineInfo* const engine = find_engine(eie_engines(), name);
  if (engine == nullptr) {
    throw ConfigurationError({{}, 0, "engine"}, fmt::format("'{}' is no engine", name),
                             fmt::format("allowed: {}", fmt::join(engine_names(eie_engines()), ", ")));
  }
  return static_cast<EngineKind>(engine - eie_engines().data());
}

std::unique_ptr<eie::Engine> make_engine(EngineKind kind, const eie::Parameters& machine,
                                         const EngineOptions& options) {
  if (!options.wave_path.empty() && kind != EngineKind::systemc) {
    throw ConfigurationError({{}, 0, "--wave"},
                             fmt::format("the {} engine writes no waves", engine_name(kind)),
                             "engine: systemc");
  }
  switch (kind) {
    case EngineKind::systemc:
      return eie::make_systemc_engine(machine, {options.wave_path, options.wave_only});
    case EngineKind::timeline:
      return eie::make_timeline_engine(machine);
    case EngineKind::rtl:
      return eie::make_rtl_engine(machine,
                                  {options.rtl_source_folder + "/eie/rtl", options.rtl_cache_folder});
  }
  throw ConfigurationError({{}, 0, "engine"}, fmt::format("'{}' is no engine", engine_name(kind)));
}

}  // namespace lacuna

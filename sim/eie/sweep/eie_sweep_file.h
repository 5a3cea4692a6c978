#pragma once

#include "sim/eie/config/run_config.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/family/sweep_file.h"

namespace lacuna {

/// `architecture:` of a sweep: its keys win over those of the base.
struct SweepArchitecture {
  ArchitectureConfig::Kind kind = ArchitectureConfig::Kind::eie;
  FilePath base;
  eie::Parameters parameters;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("kind", c.kind, {"eie"}, "family of machines; needed where there is no base");
    v.file("base", c.base, "YAML file with an architecture section to start from; the keys beside it win");
    eie::Parameters::describe(c.parameters, v);
  }
};

/// The family of EIE machines.
struct EieSweepFamily {
  using Architecture = SweepArchitecture;
  using Workload = WorkloadConfig;

  static std::vector<std::string> engines() { return engine_names(eie_engines()); }
};

using SweepFile = SweepFileOf<EieSweepFamily>;

}  // namespace lacuna

#pragma once

#include "sim/family/sweep_file.h"
#include "sim/tomato/tomato_config.h"
#include "sim/tomato/tomato_engine.h"

namespace lacuna::tomato {

/// `workload:` of a sweep over streaming machines; a workload axis gives the network.
struct TomatoSweepWorkload {
  TomatoWorkload workload;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    TomatoWorkload::describe_fields(c.workload, v);
  }
};

/// The family of streaming machines.
struct TomatoSweepFamily {
  using Architecture = TomatoArchitecture;
  using Workload = TomatoSweepWorkload;

  static std::vector<std::string> engines() { return engine_names(tomato_engines()); }
};

using TomatoSweepFile = SweepFileOf<TomatoSweepFamily>;

}  // namespace lacuna::tomato

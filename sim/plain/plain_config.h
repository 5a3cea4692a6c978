#pragma once

#include <string>
#include <vector>

#include "sim/family/engine.h"
#include "sim/family/sweep_file.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// `architecture:` of a plain family: its kind and its parameters.
template <class Machine>
struct PlainArchitecture {
  std::string kind = Machine::kind;
  typename Machine::Parameters parameters;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.name("kind", c.kind, {Machine::kind}, "family of machines");
    Machine::Parameters::describe(c.parameters, v);
  }
};

/// A run configuration of a plain family. It draws nothing at random, so a seed is refused.
template <class Machine>
struct PlainConfig {
  PlainArchitecture<Machine> architecture;
  typename Machine::Workload workload;
  FilePath energy;
  std::string engine = Machine::engines.front().name;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("architecture", c.architecture, "the machine");
    v.section("workload", c.workload, "what it runs");
    v.file("energy", c.energy, "technology table (YAML); without it no energy is reported");
    v.name("engine", c.engine, engine_names(Machine::engines), "which simulator of the machine runs it");
    v.required({"architecture", "workload"});
  }
};

/// A sweep over a plain family's machines.
template <class Machine>
struct PlainSweepFamily {
  using Architecture = PlainArchitecture<Machine>;
  using Workload = typename Machine::Workload;

  static std::vector<std::string> engines() { return engine_names(Machine::engines); }
};
template <class Machine>
using PlainSweepFile = SweepFileOf<PlainSweepFamily<Machine>>;

}  // namespace lacuna

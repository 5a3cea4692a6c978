#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/family/sweep_description.h"
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

/// The axes of a sweep over EIE machines: `architecture.<parameter>`, `workload`, and `memory.<key>` of the
/// base's memory outside. Throws
/// ConfigurationError for an unknown parameter or a value that the parameter does not take.
std::vector<Axis> make_eie_axes(const SweepDescription& description,
                                const std::optional<memory::Parameters>& memory = std::nullopt);

/// The value of a workload axis as a workload section: a benchmark's name, a trace file (.h5) or a workload
/// file (.yaml, .yml).
YamlNode eie_workload_section(const YamlNode& value, const std::string& path);

/// Sets the parameter of an axis to one of its values.
void apply(const Axis& axis, std::uint32_t choice, eie::Parameters& machine);

/// The names of all parameters.
std::vector<std::string> eie_parameter_names();

/// The design space that a sweep file describes. Throws ConfigurationError, or InputDataError for a trace or
/// energy file that does not exist.
std::unique_ptr<EieSpace> load_eie_space(const SweepDescription& description);

}  // namespace lacuna

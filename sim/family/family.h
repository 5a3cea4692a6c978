#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/common/run_trace.h"
#include "models/memory/schedule.h"
#include "sim/family/design_space.h"
#include "sim/family/engine.h"
#include "sim/family/hardware.h"
#include "sim/family/layer_cost.h"
#include "sim/family/network_machine.h"
#include "sim/family/result.h"
#include "sim/family/sweep_description.h"
#include "sim/yaml/file_kind.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// Folders with files that the program reads at run time, and where it keeps what it compiles.
struct DataFolders {
  std::string configurations;  ///< configs: architectures, energy tables, sweeps, published figures
  std::string traces;
  std::string larger_data;  ///< data sets that are not part of the tree; need not exist
  std::string rtl_sources;  ///< models: each family knows its part
  std::string rtl_cache;

  std::string reference() const { return configurations + "/reference"; }
  EngineOptions engine_options() const { return {{}, rtl_sources, rtl_cache}; }
};

/// Where a run stands, for whoever watches it.
struct RunProgress {
  std::size_t layer = 0;
  std::size_t layers = 0;
  std::string layer_name;
  std::size_t vector = 0;
  std::size_t vectors = 0;
};

/// How a loaded configuration is run.
struct RunSettings {
  DataFolders folders;
  std::string wave_path;  ///< VCD file; empty for none
  std::string wave_only;  ///< as in EngineOptions
  std::size_t threads = 1;
  /// Cycle classes are reported for each so many cycles, or the run refuses.
  std::optional<std::uint64_t> interval_cycles;
  /// Is told when the machine did what, or the run refuses; null: nobody is.
  RunTrace* timeline = nullptr;
  WantedValues values;
  /// False: nobody will read in the result which traces it was made from, and what their checksums are.
  bool records_traces = true;
  std::function<void(const RunProgress&)> progress;  ///< may throw to stop the run
  /// Gets every request to the memory outside; where there is none the run refuses.
  memory::RequestSink memory_requests;
};

/// Throws ConfigurationError when requests are asked for and the configuration has no memory outside.
void check_memory_requests(const RunSettings& settings, bool has_memory);

/// A run configuration, read and checked.
class Job {
 public:
  virtual ~Job() = default;

  /// Runs it. The same configuration and files give the same result, whatever the number of threads. Throws
  /// Lacuna's errors.
  virtual Result run(const RunSettings& settings) const = 0;
};

/// What a family that generates hardware is asked for.
struct HardwareRequest {
  DataFolders folders;
  std::string top_name;                 ///< of the top module; empty: the family chooses
  std::optional<std::uint32_t> frames;  ///< that the test bench runs; the configuration's where not given
  bool memories = true;                 ///< false: weights stay empty, for studies of size
  bool counters = false;                ///< counters that a processor reads, in the hardware
};

/// What a technology table says of a machine.
struct CostsRequest {
  std::string table;                           ///< path
  std::vector<std::string> table_assignments;  ///< "path.to.key=value"
  std::string architecture;                    ///< path; empty: the family's published machine
  std::vector<std::string> architecture_assignments;
  DataFolders folders;
};
struct CostsShown {
  std::string text;
  nlohmann::ordered_json json;
};

/// The points of a sweep that was run in memory.
struct SweptPoints {
  std::vector<Axis> axes;
  std::vector<std::string> metrics;
  struct Point {
    Choices choices;
    std::vector<MetricValue> values;  ///< in the order of `metrics`
  };
  std::vector<Point> points;
};

/// What a validation may use.
struct ValidationSettings {
  DataFolders folders;
  std::optional<std::string> engine;
  std::uint64_t seed = 1;  ///< of generated layers
  unsigned threads = 1;
  std::optional<std::string> table;      ///< path of an energy table under test
  std::vector<std::string> assignments;  ///< changes of the table
  /// Runs a sweep file on its fast engine. Throws Lacuna's errors.
  std::function<SweptPoints(const std::string& path)> sweep;
};
struct ValidationOutcome {
  std::string text;  ///< Markdown
  bool passed = false;
};

/// A comparison of a family's machines with published figures or with each other.
struct Validation {
  std::string name;
  std::string meaning;
  std::function<ValidationOutcome(const ValidationSettings&)> run;
};

/// A family of machines: everything that the program asks of it. A new family is a folder with an object of a
/// class derived from this one, and a line in sim/families.cpp.
class Family {
 public:
  virtual ~Family() = default;

  /// The value of `architecture.kind`.
  virtual std::string_view kind() const = 0;
  /// One line for help texts and pages.
  virtual std::string_view meaning() const = 0;
  /// The reference engine, which `lacuna sweep --check` demands equality with, is the first.
  virtual const std::vector<EngineInfo>& engines() const = 0;
  /// The YAML files that only this family reads.
  virtual std::vector<FileKind> file_kinds() const = 0;

  /// Reads a run configuration to which all changes of the command line were applied. Throws
  /// ConfigurationError or InputDataError.
  virtual std::unique_ptr<Job> load(const YamlNode& document) const = 0;

  /// Checks a sweep file and reads what all sweeps have. Throws ConfigurationError.
  virtual SweepSettings sweep_settings(const YamlNode& document) const = 0;
  /// The machines of a sweep and what they run. Throws ConfigurationError or InputDataError.
  virtual std::unique_ptr<DesignSpace> design_space(const SweepDescription& description) const = 0;

  /// What the machines have that costs energy; null for a family without energies.
  virtual const CostedMachine* costed() const { return nullptr; }
  /// Whether a YAML document is a technology table of this family.
  virtual bool is_energy_table(const YamlNode& /*document*/) const { return false; }
  /// Throws ConfigurationError or InputDataError; the default for a family without tables.
  virtual CostsShown show_costs(const CostsRequest& request) const;
  /// A table (YAML) made from an energy reference table of Accelergy and a map of its actions; the same.
  virtual std::string table_from_accelergy(const std::string& reference_table, const std::string& map) const;

  /// The machine of an architecture file for single compressed layers; null where machines run whole networks
  /// alone. Throws ConfigurationError.
  virtual std::unique_ptr<LayerMachine> layer_machine(const YamlNode& document) const;
  /// The published machine with so many PEs, and with memories and codes large enough for any layer, none of
  /// which changes the timing: what compression is compared on where no machine is given. Null likewise.
  virtual std::unique_ptr<LayerMachine> roomy_layer_machine(std::uint32_t pe_count,
                                                            std::uint32_t index_bits) const;

  /// The machine of a run configuration for networks in memory, which take the place of what its `workload`
  /// runs; all else in the configuration holds, but for the engine. Null where machines run no networks.
  /// Throws ConfigurationError or InputDataError.
  virtual std::unique_ptr<NetworkMachine> network_machine(const YamlNode& document) const;

  virtual std::vector<Validation> validations() const { return {}; }

  /// Whether `hardware` gives some.
  virtual bool generates_hardware() const { return false; }
  /// The machine of a run configuration as a project of synthesizable sources with a test bench; the same
  /// configuration and files give the same bytes. Throws ConfigurationError or InputDataError; the default
  /// for a family that generates none.
  virtual Hardware hardware(const YamlNode& document, const HardwareRequest& request) const;
};

/// The families that a program knows; the first is that of configurations without `architecture.kind`.
using Families = std::vector<const Family*>;

}  // namespace lacuna

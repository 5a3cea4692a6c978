#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "sim/family/configuration.h"
#include "sim/family/family.h"
#include "sim/plain/plain_config.h"
#include "sim/plain/plain_costs.h"
#include "sim/plain/plain_run.h"
#include "sim/plain/plain_space.h"
#include "sim/report/costs_report.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/file_kind.h"
#include "sim/yaml/overrides.h"

namespace lacuna {

/// A run configuration of a plain family.
template <class Machine>
class PlainJob : public Job {
 public:
  explicit PlainJob(const YamlNode& document) {
    FieldReader::read_section(document, "", config_);
    if (!config_.energy.empty()) {
      table_ = PlainCosts<Machine>::load(config_.energy.resolved);
    }
  }

  Result run(const RunSettings& settings) const override {
    check(settings);
    EngineOptions options = settings.folders.engine_options();
    options.wave_path = settings.wave_path;
    options.wave_only = settings.wave_only;
    Result result = circumstances();
    const auto& parameters = config_.architecture.parameters;
    std::optional<Costs> costs;
    if (table_) {
      costs = PlainCosts<Machine>::of(table_->technology, parameters);
      result.notes = slow_memories(*costs);
    }
    const PlainRun run = Machine::run(parameters, config_.workload, config_.engine, options);
    result.totals = measured_run(run, plain_names<Machine>(), parameters.clock_mhz, result.costed,
                                 costs ? &*costs : nullptr);
    result.layers = {result.totals};
    result.text = plain_text(result);
    return result;
  }

 private:
  void check(const RunSettings& settings) const {
    check_memory_requests(settings, false);
    if (!settings.wave_path.empty() && !find_engine(Machine::engines, config_.engine)->writes_waves) {
      throw ConfigurationError({{}, 0, "--wave"}, "the engine " + config_.engine + " writes no waves");
    }
    if (settings.interval_cycles) {
      throw ConfigurationError({{}, 0, "--intervals"}, std::string("machines of the family '") +
                                                           Machine::kind + "' count the whole run alone");
    }
  }

  Result circumstances() const {
    Result result;
    result.family = Machine::kind;
    result.engine = config_.engine;
    result.configuration = FieldWriter::of(config_);
    result.configuration.erase("engine");
    result.costed = &PlainCosts<Machine>::costed();
    if (table_) {
      result.energy_table = table_->technology.name();
      result.inputs = table_->files;
    }
    return result;
  }

  PlainConfig<Machine> config_;
  std::optional<PlainTable> table_;
};

/// A family whose machine is a structure of parameters, whose workload is all in its run configuration, and
/// whose run is one set of counts. `Machine` says what is its own:
///
///   static constexpr const char* kind, meaning;
///   struct Parameters, Workload;                  // each with `describe`; Parameters has clock_mhz, and no
///                                                 // optional members
///   static const std::vector<EngineInfo> engines;          // the reference first, a fast one last
///   static constexpr auto& cycle_classes, events;          // arrays of CounterInfo; useful work first
///   static const std::vector<std::string> modules;         // what energy and area are reported by
///   static const std::vector<std::size_t> paid_by;         // the module of each event
///   static std::vector<double> instances(const Parameters&);  // of each module
///   static PlainRun run(const Parameters&, const Workload&, const std::string& engine,
///                       const EngineOptions&);              // throws Lacuna's errors
///
/// docs/a-machine-of-your-own.md builds one.
template <class Machine>
class PlainFamily : public Family {
 public:
  std::string_view kind() const override { return Machine::kind; }
  std::string_view meaning() const override { return Machine::meaning; }
  const std::vector<EngineInfo>& engines() const override { return Machine::engines; }

  std::vector<FileKind> file_kinds() const override {
    const std::string prefix = std::string(Machine::kind) + "_";
    return {file_kind<PlainConfig<Machine>>(prefix + "run"),
            file_kind<PlainSweepFile<Machine>>(prefix + "sweep"),
            file_kind<TechnologyFile<PlainCosts<Machine>>>(prefix + "energy")};
  }

  std::unique_ptr<Job> load(const YamlNode& document) const override {
    return std::make_unique<PlainJob<Machine>>(document);
  }

  SweepSettings sweep_settings(const YamlNode& document) const override {
    PlainSweepFile<Machine> file;
    FieldReader::read_section(document, "", file);
    return file;
  }
  std::unique_ptr<DesignSpace> design_space(const SweepDescription& description) const override {
    return std::make_unique<PlainSpace<Machine>>(description);
  }

  const CostedMachine* costed() const override { return &PlainCosts<Machine>::costed(); }
  CostsShown show_costs(const CostsRequest& request) const override {
    YamlNode document;
    document.kind = YamlNode::Kind::mapping;
    if (!request.architecture.empty()) {
      document = load_configuration(request.architecture);
    }
    apply_overrides(document, request.architecture_assignments);
    PlainArchitecture<Machine> machine;
    if (const YamlNode* const section = document.find("architecture")) {
      FieldReader::read_section(*section, "architecture", machine);
    }
    const PlainTable table = PlainCosts<Machine>::load(request.table, request.table_assignments);
    const Costs costs = PlainCosts<Machine>::of(table.technology, machine.parameters);
    return {costs_text(table.technology, costs),
            costs_json(table.technology, FieldWriter::of(machine.parameters), costs)};
  }
};

}  // namespace lacuna

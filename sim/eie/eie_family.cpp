#include "sim/eie/eie_family.h"

#include <algorithm>
#include <utility>

#include "models/common/error.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/energy/ert_import.h"
#include "sim/eie/network/run_network.h"
#include "sim/eie/report/eie_result.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/run_workload.h"
#include "sim/eie/run/timeline_layer.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/eie/sweep/eie_sweep_file.h"
#include "sim/eie/validate/published_curves.h"
#include "sim/eie/validate/validate_eie.h"
#include "sim/eie/validate/validate_eie_energy.h"
#include "sim/eie/validate/validate_eie_factors.h"
#include "sim/family/network_machine.h"
#include "sim/report/costs_report.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

ValidationOptions options_of(const ValidationSettings& settings) {
  ValidationOptions options;
  options.architecture_folder = settings.folders.configurations + "/architectures";
  options.reference_folder = settings.folders.reference();
  options.data_folder = settings.folders.larger_data;
  options.engine = settings.engine ? engine_kind(*settings.engine) : EngineKind::systemc;
  options.engine_options = settings.folders.engine_options();
  options.seed = settings.seed;
  return options;
}

EnergyValidationOptions energy_options_of(const ValidationSettings& settings) {
  const std::string folder = settings.folders.configurations + "/energy";
  return {options_of(settings), folder, settings.table.value_or(folder + "/bottom-up-45nm.yaml"),
          settings.assignments};
}

template <class Checked>
ValidationOutcome outcome_of(const Checked& checked) {
  return {validation_text(checked), checked.passed()};
}

std::vector<Validation> eie_validations() {
  return {{"eie", "published times and the authors' own simulator",
           [](const ValidationSettings& settings) { return outcome_of(validate_eie(options_of(settings))); }},
          {"eie-curves", "published curves",
           [](const ValidationSettings& settings) -> ValidationOutcome {
             const std::vector<CurveStatement> statements = check_published_curves(settings);
             return {validation_text(statements),
                     std::all_of(statements.begin(), statements.end(),
                                 [](const CurveStatement& each) { return each.holds; })};
           }},
          {"eie-energy", "published power and area",
           [](const ValidationSettings& settings) {
             return outcome_of(validate_eie_energy(energy_options_of(settings)));
           }},
          {"eie-factors", "against a dense machine, one factor at a time",
           [](const ValidationSettings& settings) {
             return outcome_of(validate_eie_factors(energy_options_of(settings)));
           }},
          {"engines", "each engine against the others", [](const ValidationSettings& settings) {
             return outcome_of(validate_engines(options_of(settings), settings.folders.traces,
                                                {EngineKind::timeline, EngineKind::rtl}));
           }}};
}

class EieJob : public Job {
 public:
  explicit EieJob(RunConfig config) : config_(std::move(config)) {}

  Result run(const RunSettings& settings) const override {
    RunOptions options;
    options.reference_folder = settings.folders.reference();
    options.engine = settings.folders.engine_options();
    options.engine.wave_path = settings.wave_path;
    options.engine.wave_only = settings.wave_only;
    options.progress = settings.progress;
    options.threads = settings.threads;
    options.interval_cycles = settings.interval_cycles;
    options.trace = settings.timeline;
    options.values = settings.values;
    options.records_traces = settings.records_traces;
    options.memory_requests = settings.memory_requests;
    check_intervals(settings);
    check_memory_requests(settings, config_.memory.has_value());
    return eie_result(config_, config_.workload.network.empty() ? run_workload(config_, options)
                                                                : run_network(config_, options));
  }

 private:
  void check_intervals(const RunSettings& settings) const {
    if (settings.interval_cycles &&
        !find_engine(eie_engines(), engine_name(config_.engine))->counts_intervals) {
      throw ConfigurationError({{}, 0, "--intervals"},
                               "the " + engine_name(config_.engine) + " engine counts none",
                               "engine: systemc or timeline");
    }
    const char* option = settings.timeline != nullptr ? "--timeline" : "--intervals";
    if (!settings.interval_cycles && settings.timeline == nullptr) {
      return;
    }
    if (config_.memory) {
      throw ConfigurationError({{}, 0, option}, "memory phases have no intervals", "no memory section");
    }
    if (!config_.workload.network.empty()) {
      throw ConfigurationError({{}, 0, option}, "a whole network's layers share the machine's runs",
                               "a workload of layers");
    }
  }

  RunConfig config_;
};

class EieFamily : public Family {
 public:
  std::string_view kind() const override { return "eie"; }
  std::string_view meaning() const override {
    return "processing elements on compressed sparse columns (EIE, Han et al., ISCA 2016)";
  }
  const std::vector<EngineInfo>& engines() const override { return eie_engines(); }

  std::vector<FileKind> file_kinds() const override {
    return {file_kind<RunConfig>("run"), file_kind<ArchitectureFile>("architecture"),
            file_kind<WorkloadFile>("workload"), energy_table_kind(), file_kind<SweepFile>("sweep")};
  }

  std::unique_ptr<Job> load(const YamlNode& document) const override {
    return std::make_unique<EieJob>(resolve_run_config(document));
  }

  SweepSettings sweep_settings(const YamlNode& document) const override {
    SweepFile file;
    FieldReader::read_section(document, "", file);
    return file;
  }
  std::unique_ptr<DesignSpace> design_space(const SweepDescription& description) const override {
    return load_eie_space(description);
  }

  const CostedMachine* costed() const override { return &EieCosts::costed(); }
  bool is_energy_table(const YamlNode& document) const override {
    return document.kind == YamlNode::Kind::mapping && document.find("schema") != nullptr;
  }
  CostsShown show_costs(const CostsRequest& request) const override {
    const std::string preset = request.folders.configurations + "/architectures/eie-64pe-45nm.yaml";
    const std::string& architecture = request.architecture.empty() ? preset : request.architecture;
    const eie::Parameters machine =
        load_architecture(architecture, request.architecture_assignments).parameters;
    const Technology technology = load_eie_technology(request.table, request.table_assignments);
    const Costs costs = eie_costs(technology, machine);
    return {costs_text(technology, costs), costs_json(technology, FieldWriter::of(machine), costs)};
  }

  std::string table_from_accelergy(const std::string& reference_table,
                                   const std::string& map) const override {
    return import_accelergy_ert(reference_table, map);
  }

  std::unique_ptr<LayerMachine> layer_machine(const YamlNode& document) const override {
    return make_layer_machine(resolve_architecture(document).parameters);
  }
  std::unique_ptr<LayerMachine> roomy_layer_machine(std::uint32_t pe_count,
                                                    std::uint32_t index_bits) const override {
    return make_layer_machine(roomy_machine(pe_count, index_bits));
  }

  std::unique_ptr<NetworkMachine> network_machine(const YamlNode& document) const override {
    return make_network_machine(resolve_run_config(document));
  }

  std::vector<Validation> validations() const override { return eie_validations(); }
};

}  // namespace

const Family& eie_family() {
  static const EieFamily family;
  return family;
}

}  // namespace lacuna

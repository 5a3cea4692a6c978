#include "sim/tomato/tomato_family.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/family/arithmetic_machine.h"
#include "sim/tomato/device_file.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/hardware_project.h"
#include "sim/tomato/layer_summary.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/run_tomato.h"
#include "sim/tomato/tomato_result.h"
#include "sim/tomato/tomato_space.h"
#include "sim/tomato/tomato_sweep_file.h"
#include "sim/tomato/validate_hardware.h"
#include "sim/tomato/validate_tomato.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/file_kind.h"

namespace lacuna::tomato {
namespace {

class TomatoJob : public Job {
 public:
  explicit TomatoJob(TomatoConfig config) : config_(std::move(config)) {}

  Result run(const RunSettings& settings) const override {
    TomatoEngineOptions options;
    options.wave_file = settings.wave_path;
    options.wave_only = settings.wave_only;
    options.threads = static_cast<unsigned>(settings.threads);
    options.interval_cycles = settings.interval_cycles;
    options.trace = settings.timeline;
    options.values = settings.values;
    options.memory_requests = settings.memory_requests;
    check_memory_requests(settings, config_.memory.has_value());
    if (settings.interval_cycles && config_.memory) {
      throw ConfigurationError({{}, 0, "--intervals"}, "memory phases have no intervals",
                               "no memory section");
    }
    check_timeline(settings);
    options.rtl_source_folder = rtl_sources(settings.folders.rtl_sources);
    options.rtl_cache_folder = settings.folders.rtl_cache;
    if (settings.progress) {
      options.progress = [&](const FrameProgress& frames) {
        RunProgress progress;
        progress.layers = 1;
        progress.layer_name = "frames";
        progress.vector = frames.done;
        progress.vectors = frames.frames;
        settings.progress(progress);
      };
    }
    return tomato_result(config_, run_tomato(config_, options));
  }

 private:
  void check_timeline(const RunSettings& settings) const {
    if (settings.timeline == nullptr) {
      return;
    }
    if (config_.memory) {
      throw ConfigurationError({{}, 0, "--timeline"}, "memory phases have no timeline", "no memory section");
    }
    if (config_.engine != EngineKind::timeline) {
      throw ConfigurationError({{}, 0, "--timeline"}, "this engine records none", "engine: timeline");
    }
  }

  TomatoConfig config_;
};

/// Units that have no such direction take no statement of it.
void state_lanes(const LayerArithmetic::Lanes& lanes, const Network& network, LayerSettings& settings) {
  for (const NetworkLayer& layer : network.layers) {
    if (layer.name == settings.layer && has_weights(layer.kind)) {
      const bool is_convolution = layer.kind == LayerKind::convolution;
      const std::uint32_t groups = is_convolution ? layer.groups : 1;
      settings.unroll_outputs = lanes.outputs;
      if (network.input_of(layer).shape.channels > groups) {
        settings.unroll_inputs = lanes.inputs;
      }
      if (is_convolution && layer.window.height * layer.window.width > 1) {
        settings.unroll_kernel = lanes.taps;
      }
    }
  }
}

/// States a layer's weights, outputs and lanes, in place of what the configuration says of them.
void set_arithmetic(const LayerArithmetic& arithmetic, const Network& network,
                    std::vector<LayerSettings>& layers) {
  auto found = std::find_if(layers.begin(), layers.end(),
                            [&](const LayerSettings& each) { return each.layer == arithmetic.layer; });
  if (found == layers.end()) {
    found = layers.insert(layers.end(), LayerSettings{});
    found->layer = arithmetic.layer;
  }
  if (arithmetic.weights) {
    found->weights = to_text(*arithmetic.weights);
    found->weight_scale = arithmetic.weight_scale;
  }
  if (arithmetic.activation_bits) {
    found->activations = fmt::format("fixed({})", *arithmetic.activation_bits);
  }
  if (arithmetic.lanes) {
    state_lanes(*arithmetic.lanes, network, *found);
  }
}

/// Whether the layers may have channels that are not computed, so that frames take less than is planned.
bool has_gates(const TomatoArchitecture& architecture) {
  return architecture.defaults.values.keep_ratio ||
         std::any_of(architecture.layers.begin(), architecture.layers.end(),
                     [](const LayerSettings& each) { return each.keep_ratio.has_value(); });
}
bool has_gates(const Pipeline& pipeline) {
  return std::any_of(pipeline.units.begin(), pipeline.units.end(),
                     [](const Unit& unit) { return unit.kind == UnitKind::winners; });
}

std::optional<FpgaUse> fpga_use(const MachineDesign& machine) {
  if (!machine.placement) {
    return std::nullopt;
  }
  FpgaUse use;
  for (const DeviceResources& device : machine.placement->devices) {
    use.logic_blocks += static_cast<double>(logic_blocks(device.total, *machine.device));
    use.dsp_blocks += static_cast<double>(device.total.dsp);
    use.memory_blocks += static_cast<double>(device.total.memory_blocks());
  }
  return use;
}

/// Infinite where nothing is read.
double per_read(double products, double reads) {
  return reads > 0.0 ? products / reads : std::numeric_limits<double>::infinity();
}

ProductsPerRead products_per_read(const TomatoReport& report) {
  UnitEventCounts events;
  for (const UnitResult& unit : report.result.units) {
    events += unit.events;
  }
  double fifo_bits = 0.0;
  for (std::size_t edge = 0; edge < report.result.fifos.size(); ++edge) {
    fifo_bits += static_cast<double>(report.result.fifos[edge].pushes) *
                 static_cast<double>(report.machine.analysis.streams[edge].bits_per_token());
  }
  const auto products = static_cast<double>(events[UnitEvent::multiply_accumulates]);
  return {per_read(products, static_cast<double>(events[UnitEvent::weight_reads])),
          per_read(products, static_cast<double>(events[UnitEvent::line_buffer_reads])),
          per_read(products, fifo_bits)};
}

/// Frames are the inputs, each once; a steady state needs two.
class TomatoNetworkMachine : public ArithmeticMachine {
 public:
  explicit TomatoNetworkMachine(TomatoConfig config) : config_(std::move(config)) {
    config_.engine = EngineKind::timeline;
    config_.outputs = true;
  }

  FrameCost measure(const Network& network, const std::vector<Tensor>& inputs) const override {
    return measure(network, inputs, {});
  }
  FrameCost measure(const Network& network, const std::vector<Tensor>& inputs,
                    const std::vector<LayerArithmetic>& arithmetic) const override {
    if (inputs.size() < 2) {
      throw ConfigurationError({{}, 0, "images"}, "a pipeline's time for a frame needs a second one",
                               "2 or more");
    }
    const TomatoConfig config = configured(network, inputs, arithmetic);
    const TomatoReport report = run_tomato(config, tomato_inputs(network, inputs), {});
    FrameCost cost;
    cost.cycles = report.result.cycles_per_frame().value();
    cost.frames_per_second = frames_per_second(config, report).value();
    if (report.energy) {
      cost.energy_pj = report.energy->total_pj() / static_cast<double>(report.frames);
    }
    for (const LayerSummary& layer : layer_summaries(report)) {
      cost.layers.push_back({layer.name, layer.busy_cycles_per_frame, {}});
    }
    if (!has_gates(report.machine.pipeline)) {
      cost.planned_cycles = static_cast<double>(
          planned_cycles_per_frame(report.machine.analysis, planned_bottleneck(report.machine.analysis)));
    }
    cost.fpga = fpga_use(report.machine);
    cost.reuse = products_per_read(report);
    return cost;
  }

  std::optional<double> planned_cycles(const Network& network,
                                       const std::vector<Tensor>& inputs) const override {
    return planned_cycles(network, inputs, {});
  }
  std::optional<double> planned_cycles(const Network& network, const std::vector<Tensor>& inputs,
                                       const std::vector<LayerArithmetic>& arithmetic) const override {
    const TomatoConfig config = configured(network, inputs, arithmetic);
    const TomatoInputs loaded = tomato_inputs(network, inputs);
    const bool gated = std::any_of(loaded.network.layers.begin(), loaded.network.layers.end(),
                                   [](const NetworkLayer& layer) { return layer.gates.has_value(); });
    if (gated || has_gates(config.architecture)) {
      return std::nullopt;
    }
    return static_cast<double>(planned_machine_cycles(config, loaded.network, loaded.largest));
  }

 private:
  TomatoConfig configured(const Network& network, const std::vector<Tensor>& inputs,
                          const std::vector<LayerArithmetic>& arithmetic) const {
    TomatoConfig config = config_;
    config.workload.frames = static_cast<std::uint32_t>(inputs.size());
    config.workload.calibration_images = config.workload.frames;
    for (const LayerArithmetic& each : arithmetic) {
      set_arithmetic(each, network, config.architecture.layers);
    }
    return config;
  }

  TomatoConfig config_;
};

CostsShown shown(const FpgaEnergyTable& table) {
  const CostedMachine& machine = fpga_costed_machine();
  const std::vector<const FpgaEventEnergy*> events = {&table.dsp_product, &table.logic_cell_operation,
                                                      &table.memory_bit, &table.link_bit};
  CostsShown costs;
  costs.text = fmt::format("energy table {}\n", table.name);
  costs.json = {{"schema", "lacuna.costs/1"}, {"name", table.name}};
  for (std::size_t i = 0; i < events.size(); ++i) {
    costs.text += fmt::format("{}: {} pJ ({}); {}\n", machine.events[i].name, events[i]->energy_pj,
                              machine.events[i].meaning, events[i]->source);
    costs.json["events"][machine.events[i].name] = {{"energy_pj", events[i]->energy_pj},
                                                    {"source", events[i]->source}};
  }
  costs.text += fmt::format("device: {} mW each; {}\n", table.device.power_mw, table.device.source);
  costs.json["device"] = {{"power_mw", table.device.power_mw}, {"source", table.device.source}};
  return costs;
}

ValidationOutcome published_outcome(const ValidationSettings& settings) {
  const TomatoValidation validation =
      validate_tomato({settings.folders.configurations, settings.folders.larger_data, settings.threads});
  return {validation_text(validation), validation.passed()};
}

ValidationOutcome hardware_outcome(const ValidationSettings& settings) {
  const std::vector<HardwareComparison> comparisons =
      validate_hardware({settings.folders.configurations, rtl_sources(settings.folders.rtl_sources),
                         settings.folders.rtl_cache});
  const bool passed = std::all_of(comparisons.begin(), comparisons.end(), [](const HardwareComparison& each) {
    return each.first_difference.empty();
  });
  return {hardware_text(comparisons), passed};
}

class TomatoFamily : public Family {
 public:
  std::string_view kind() const override { return "tomato"; }
  std::string_view meaning() const override {
    return "multi-precision streaming pipelines for FPGAs (Tomato, Zhao et al., FPT 2019)";
  }
  const std::vector<EngineInfo>& engines() const override { return tomato_engines(); }

  std::vector<FileKind> file_kinds() const override {
    return {file_kind<TomatoConfig>("tomato_run"),
            file_kind<TomatoSweepFile>("tomato_sweep"),
            file_kind<TomatoArchitectureFile>("tomato_architecture"),
            file_kind<DeviceFile>("device"),
            file_kind<LogicTableFile>("logic_table"),
            file_kind<StructureTableFile>("structure_table")};
  }

  std::unique_ptr<Job> load(const YamlNode& document) const override {
    return std::make_unique<TomatoJob>(resolve_tomato_config(document));
  }

  SweepSettings sweep_settings(const YamlNode& document) const override {
    TomatoSweepFile file;
    FieldReader::read_section(document, "", file);
    return file;
  }
  std::unique_ptr<DesignSpace> design_space(const SweepDescription& description) const override {
    return load_tomato_space(description);
  }

  const CostedMachine* costed() const override { return &fpga_costed_machine(); }
  bool is_energy_table(const YamlNode& document) const override {
    return document.kind == YamlNode::Kind::mapping && document.find("fpga_energy") != nullptr;
  }
  CostsShown show_costs(const CostsRequest& request) const override {
    if (!request.table_assignments.empty() || !request.architecture_assignments.empty()) {
      throw ConfigurationError({{}, 0, "--set"}, "tables of streaming machines have no formulas to change",
                               "a table of its own");
    }
    return shown(load_fpga_energy(request.table));
  }

  std::unique_ptr<NetworkMachine> network_machine(const YamlNode& document) const override {
    return std::make_unique<TomatoNetworkMachine>(resolve_tomato_config(document));
  }

  bool generates_hardware() const override { return true; }
  Hardware hardware(const YamlNode& document, const HardwareRequest& request) const override {
    return hardware_project(resolve_tomato_config(document), request);
  }

  std::vector<Validation> validations() const override {
    return {{"tomato",
             "MobileNet-V1 on one device beside the published figures, LeNet-5's accuracy; with --engine rtl "
             "generated hardware beside SystemC",
             [](const ValidationSettings& settings) -> ValidationOutcome {
               const EngineKind engine = engine_kind(settings.engine.value_or("systemc"));
               if (engine == EngineKind::timeline) {
                 throw ConfigurationError(
                     {{}, 0, "--engine"}, "timeline is compared in both, and is no choice",
                     "systemc: beside the published figures; rtl: hardware beside SystemC");
               }
               return engine == EngineKind::rtl ? hardware_outcome(settings) : published_outcome(settings);
             }}};
  }
};

}  // namespace

const Family& tomato_family() {
  static const TomatoFamily family;
  return family;
}

}  // namespace lacuna::tomato

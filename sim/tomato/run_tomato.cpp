#include "sim/tomato/run_tomato.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"
#include "sim/tomato/fpga_energy.h"

namespace lacuna::tomato {
namespace {

/// The largest magnitude of each layer's outputs over the first pictures, in floating point.
std::vector<double> largest_outputs(const Network& network, const FrameInputs& inputs,
                                    std::uint64_t pictures) {
  const Reference reference(network);
  std::vector<double> largest(network.layers.size(), 0.0);
  for (std::uint64_t number = 0; number < pictures; ++number) {
    const std::vector<Tensor> outputs = reference.run(inputs.picture(number));
    for (std::size_t layer = 0; layer < outputs.size(); ++layer) {
      for (const float value : outputs[layer].values) {
        largest[layer] = std::max(largest[layer], static_cast<double>(std::abs(value)));
      }
    }
  }
  return largest;
}

bool needs_simplification(const Network& network) {
  return std::any_of(network.layers.begin(), network.layers.end(), [](const NetworkLayer& layer) {
    return layer.kind == LayerKind::batch_normalization || layer.kind == LayerKind::relu ||
           layer.kind == LayerKind::relu6;
  });
}

std::string weights_source(const Network& network) {
  std::size_t generated = 0;
  std::size_t weighted = 0;
  for (const NetworkLayer& layer : network.layers) {
    if (has_weights(layer.kind)) {
      ++weighted;
      generated += layer.weight_source.generate ? 1 : 0;
    }
  }
  return generated == 0 ? "real" : generated == weighted ? "generated" : "real and generated";
}

bool may_be_binary(const TomatoArchitecture& architecture) {
  const auto is_binary = [](const LayerSettings& each) {
    return each.weights.find("binary") != std::string::npos;
  };
  return is_binary(architecture.defaults.values) ||
         std::any_of(architecture.layers.begin(), architecture.layers.end(), is_binary);
}

class InputsLoader {
 public:
  InputsLoader(const TomatoConfig& config, const std::optional<DataDescription>& data, bool binary_weights)
      : config_(config), data_(data), binary_weights_(binary_weights || may_be_binary(config.architecture)) {}

  TomatoInputs load() {
    const NetworkFile file = read_network_file(config_.workload.network.resolved);
    loaded_.network = make_network(file.network);
    loaded_.multiply_accumulates_per_frame = multiply_accumulates(loaded_.network);
    loaded_.weights_source = config_.outputs ? weights_source(loaded_.network) : "none: time only";
    add_file(config_.workload.network.resolved);
    // Binary weights have no zero: what they are decides, with and without values, whether there is a
    // machine.
    if (config_.outputs || needs_simplification(loaded_.network) || binary_weights_) {
      for (const std::string& path : load_weights(loaded_.network, config_.seed)) {
        add_file(path);
      }
      loaded_.network = simplified(loaded_.network);
    }
    loaded_.frames.emplace(data(file), loaded_.network.layers.front().shape, config_.seed);
    for (const std::string& path : loaded_.frames->files()) {
      add_file(path);
    }
    if (config_.outputs) {
      loaded_.largest = largest_outputs(loaded_.network, *loaded_.frames, calibration_pictures());
    }
    return std::move(loaded_);
  }

 private:
  void add_file(const std::string& path) { loaded_.files.push_back(input_file(path)); }

  /// What the frames are; nothing for random ones and where no values are computed.
  std::optional<DataDescription> data(const NetworkFile& file) const {
    const TomatoWorkload& workload = config_.workload;
    if (!config_.outputs) {
      return std::nullopt;
    }
    if (data_) {
      return data_;
    }
    if (workload.random_data) {
      return std::nullopt;
    }
    if (!workload.data && !file.data) {
      throw ConfigurationError(
          workload.network.place, "the network has no data to run",
          "a data section in its file, workload.data, or workload.data: random for random frames");
    }
    return workload.data ? workload.data : file.data;
  }

  std::uint64_t calibration_pictures() const {
    const TomatoWorkload& workload = config_.workload;
    return loaded_.frames->are_random()
               ? std::min(workload.frames, workload.calibration_images)
               : std::min<std::uint64_t>(loaded_.frames->size(), workload.calibration_images);
  }

  const TomatoConfig& config_;
  const std::optional<DataDescription>& data_;
  bool binary_weights_;
  TomatoInputs loaded_;
};

class TomatoRun {
 public:
  TomatoRun(const TomatoConfig& config, const TomatoInputs& loaded, const TomatoEngineOptions& options)
      : config_(config), loaded_(loaded), options_(options) {}

  TomatoReport run() {
    report_.network = loaded_.network.name;
    report_.frames = config_.workload.frames;
    report_.multiply_accumulates_per_frame = loaded_.multiply_accumulates_per_frame;
    report_.weights_source = loaded_.weights_source;
    report_.inputs_source = !config_.outputs               ? "none: time only"
                            : loaded_.frames->are_random() ? "random"
                                                           : "data";
    report_.machine = build_machine(config_, loaded_.network, loaded_.largest, loaded_.shared.get());
    add_inputs();
    const std::optional<FpgaEnergyTable> table = energy_table();
    simulate();
    if (table) {
      report_.energy_table = table->name;
      report_.energy = fpga_energy(report_, *table, config_.architecture.parameters.clock_mhz);
    }
    return std::move(report_);
  }

 private:
  /// What was loaded, and the tables that decide resources, lanes and energy.
  void add_inputs() {
    report_.inputs = loaded_.files;
    const std::string& device = config_.architecture.device.resolved;
    if (report_.machine.device) {
      report_.inputs.push_back(input_file(device));
      report_.inputs.push_back(input_file(report_.machine.device->description().logic.table.resolved));
    }
    if (!config_.energy.empty()) {
      report_.inputs.push_back(input_file(config_.energy.resolved));
    }
  }

  std::optional<FpgaEnergyTable> energy_table() const {
    if (config_.energy.empty()) {
      return std::nullopt;
    }
    if (!report_.machine.placement) {
      throw ConfigurationError(config_.energy.place, "energy of a machine without a device",
                               "architecture.device: FILE");
    }
    return load_fpga_energy(config_.energy.resolved);
  }

  RunInput run_input() const {
    RunInput input;
    input.frames = config_.workload.frames;
    input.interval_cycles = options_.interval_cycles;
    if (config_.outputs) {
      const NumberFormat& format = source().format;
      input.make_frame = [this, &format](std::uint32_t frame) {
        return loaded_.frames->mantissas(frame, format);
      };
    }
    if (options_.progress && !options_.in_child_process) {
      input.progress = [this](std::uint32_t done) { options_.progress({done, config_.workload.frames}); };
    }
    return input;
  }

  const Unit& source() const { return report_.machine.pipeline.units[report_.machine.analysis.source]; }

  /// What the frames leave behind until the end of the run: their outputs and gates, and the bytes of the
  /// outputs once more for the checksum. The frames themselves come and go.
  std::uint64_t held_bytes() const {
    const MachineDesign& machine = report_.machine;
    const Analysis& analysis = machine.analysis;
    const Stream& result = analysis.streams[analysis.units[analysis.sink].inputs.front()];
    std::uint64_t per_frame =
        2 * sizeof(std::int64_t) * result.tokens_per_frame() * result.values_per_token();
    for (std::size_t unit = 0; unit < machine.pipeline.units.size(); ++unit) {
      const bool gates = machine.pipeline.units[unit].kind == UnitKind::winners;
      constexpr std::uint64_t empty_gate_bytes = 48;
      per_frame += empty_gate_bytes +
                   (gates ? analysis.streams[analysis.units[unit].outputs.front()].map.channels : 0);
    }
    return per_frame * report_.frames;
  }

  void check_memory() const {
    constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
    if (config_.outputs && held_bytes() > config_.memory_budget_mib * mib) {
      throw CapacityError(
          {{}, 0, "workload.frames"},
          fmt::format("the results of {} frames take about {} MiB", report_.frames, held_bytes() / mib),
          fmt::format("memory_budget_mib is {}; more, fewer frames, or outputs: false",
                      config_.memory_budget_mib));
    }
  }

  void simulate() {
    check_memory();
    const auto engine =
        make_engine(config_.engine, report_.machine.pipeline, config_.architecture.parameters, options_);
    report_.engine = engine->name();
    report_.result = engine->run(run_input());
    engine->finish();
    if (report_.result.deadlock) {
      throw ConfigurationError(config_.architecture.place,
                               explain(report_.machine.pipeline, *report_.result.deadlock),
                               "size_fifos: true finds depths");
    }
    if (config_.outputs) {
      report_.outputs_checksum = checksum();
      report_.accuracy = accuracy();
    }
  }

  std::string checksum() const {
    std::string bytes;
    for (const std::vector<std::int64_t>& frame : report_.result.outputs) {
      for (const std::int64_t value : frame) {
        for (int byte = 0; byte < 8; ++byte) {
          bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * byte)));
        }
      }
    }
    return sha256_bytes(bytes.data(), bytes.size());
  }

  std::optional<Accuracy> accuracy() const {
    Accuracy accuracy;
    for (std::uint32_t frame = 0; frame < report_.frames; ++frame) {
      const std::optional<std::int32_t> label = loaded_.frames->label(frame);
      if (!label) {
        continue;
      }
      const std::vector<std::int64_t>& outputs = report_.result.outputs[frame];
      const auto best = std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
      ++accuracy.labelled;
      accuracy.correct += best == *label ? 1 : 0;
      accuracy.classes.push_back(static_cast<std::uint32_t>(best));
    }
    return accuracy.labelled == 0 ? std::nullopt : std::optional<Accuracy>(accuracy);
  }

  const TomatoConfig& config_;
  const TomatoInputs& loaded_;
  const TomatoEngineOptions& options_;
  TomatoReport report_;
};

}  // namespace

std::uint64_t multiply_accumulates(const Network& network) {
  std::uint64_t sum = 0;
  for (const NetworkLayer& layer : network.layers) {
    if (has_weights(layer.kind)) {
      sum += weight_count(layer, network.input_of(layer).shape) * layer.shape.pixels();
    }
  }
  return sum;
}

TomatoReport run_tomato(const TomatoConfig& config, const TomatoEngineOptions& options,
                        const std::optional<DataDescription>& data) {
  return run_tomato(config, load_tomato_inputs(config, data), options);
}

TomatoInputs load_tomato_inputs(const TomatoConfig& config, const std::optional<DataDescription>& data,
                                bool binary_weights) {
  return InputsLoader(config, data, binary_weights).load();
}

TomatoReport run_tomato(const TomatoConfig& config, const TomatoInputs& inputs,
                        const TomatoEngineOptions& options) {
  return TomatoRun(config, inputs, options).run();
}

}  // namespace lacuna::tomato

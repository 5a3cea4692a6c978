#include "sim/tomato/run_tomato.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

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

class InputsLoader {
 public:
  InputsLoader(const TomatoConfig& config, const std::optional<DataDescription>& data)
      : config_(config), data_(data) {}

  TomatoInputs load() {
    const NetworkFile file = read_network_file(config_.workload.network.resolved);
    loaded_.network = make_network(file.network);
    loaded_.multiply_accumulates_per_frame = multiply_accumulates(loaded_.network);
    loaded_.weights_source = config_.outputs ? weights_source(loaded_.network) : "none: time only";
    add_file(config_.workload.network.resolved);
    if (config_.outputs || needs_simplification(loaded_.network)) {
      for (const std::string& path : load_weights(loaded_.network)) {
        add_file(path);
      }
      loaded_.network = simplified(loaded_.network);
    }
    const std::optional<DataDescription>& data = data_                   ? data_
                                                 : config_.workload.data ? config_.workload.data
                                                                         : file.data;
    loaded_.frames.emplace(config_.outputs ? data : std::nullopt, loaded_.network.layers.front().shape,
                           config_.seed);
    for (const std::string& path : loaded_.frames->files()) {
      add_file(path);
    }
    if (config_.outputs) {
      loaded_.largest = largest_outputs(loaded_.network, *loaded_.frames, calibration_pictures());
    }
    return std::move(loaded_);
  }

 private:
  void add_file(const std::string& path) {
    loaded_.files.push_back({std::filesystem::path(path).filename().string(), sha256_file(path)});
  }

  std::uint64_t calibration_pictures() const {
    const TomatoWorkload& workload = config_.workload;
    return loaded_.frames->are_random()
               ? std::min(workload.frames, workload.calibration_images)
               : std::min<std::uint64_t>(loaded_.frames->size(), workload.calibration_images);
  }

  const TomatoConfig& config_;
  const std::optional<DataDescription>& data_;
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
    report_.inputs = loaded_.files;
    report_.inputs_source = !config_.outputs               ? "none: time only"
                            : loaded_.frames->are_random() ? "random"
                                                           : "data";
    report_.machine = build_machine(config_, loaded_.network, loaded_.largest, loaded_.shared.get());
    simulate();
    if (!config_.energy.empty()) {
      report_.energy = fpga_energy(report_, config_.energy, config_.architecture.parameters.clock_mhz);
    }
    return std::move(report_);
  }

 private:
  RunInput run_input() const {
    RunInput input;
    input.frames = config_.workload.frames;
    const Machine& machine = report_.machine;
    for (std::uint32_t frame = 0; config_.outputs && frame < input.frames; ++frame) {
      input.pixels.push_back(
          loaded_.frames->mantissas(frame, machine.pipeline.units[machine.analysis.source].format));
    }
    return input;
  }

  void simulate() {
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

TomatoInputs load_tomato_inputs(const TomatoConfig& config, const std::optional<DataDescription>& data) {
  return InputsLoader(config, data).load();
}

TomatoReport run_tomato(const TomatoConfig& config, const TomatoInputs& inputs,
                        const TomatoEngineOptions& options) {
  return TomatoRun(config, inputs, options).run();
}

}  // namespace lacuna::tomato

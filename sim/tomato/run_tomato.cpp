#include "sim/tomato/run_tomato.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/frame_inputs.h"
#include "sim/trace/checksum.h"

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

class TomatoRun {
 public:
  TomatoRun(const TomatoConfig& config, const TomatoEngineOptions& options,
            const std::optional<DataDescription>& data)
      : config_(config), options_(options), data_(data) {}

  TomatoReport run() {
    load();
    build();
    simulate();
    if (!config_.energy.empty()) {
      report_.energy = fpga_energy(report_, config_.energy, config_.architecture.parameters.clock_mhz);
    }
    return std::move(report_);
  }

 private:
  void load() {
    const NetworkFile file = read_network_file(config_.workload.network.resolved);
    network_ = make_network(file.network);
    report_.network = network_.name;
    report_.frames = config_.workload.frames;
    report_.multiply_accumulates_per_frame = multiply_accumulates(network_);
    report_.weights_source = config_.outputs ? weights_source(network_) : "none: time only";
    add_input(config_.workload.network.resolved);
    if (config_.outputs || needs_simplification(network_)) {
      for (const std::string& path : load_weights(network_)) {
        add_input(path);
      }
      network_ = simplified(network_);
    }
    inputs_.emplace(!config_.outputs        ? std::nullopt
                    : data_                 ? data_
                    : config_.workload.data ? config_.workload.data
                                            : file.data,
                    network_.layers.front().shape, config_.seed);
    for (const std::string& path : inputs_->files()) {
      add_input(path);
    }
    report_.inputs_source = !config_.outputs ? "none: time only" : inputs_->are_random() ? "random" : "data";
  }

  void add_input(const std::string& path) {
    report_.inputs.push_back({std::filesystem::path(path).filename().string(), sha256_file(path)});
  }

  void build() {
    std::vector<double> largest;
    if (config_.outputs) {
      const std::uint64_t pictures =
          inputs_->are_random()
              ? std::min(config_.workload.frames, config_.workload.calibration_images)
              : std::min<std::uint64_t>(inputs_->size(), config_.workload.calibration_images);
      largest = largest_outputs(network_, *inputs_, pictures);
    }
    report_.machine = build_machine(config_, network_, largest);
  }

  RunInput run_input() const {
    RunInput input;
    input.frames = config_.workload.frames;
    const Machine& machine = report_.machine;
    for (std::uint32_t frame = 0; config_.outputs && frame < input.frames; ++frame) {
      input.pixels.push_back(
          inputs_->mantissas(frame, machine.pipeline.units[machine.analysis.source].format));
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
      const std::optional<std::int32_t> label = inputs_->label(frame);
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
  const TomatoEngineOptions& options_;
  const std::optional<DataDescription>& data_;
  Network network_;
  std::optional<FrameInputs> inputs_;
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
  return TomatoRun(config, options, data).run();
}

}  // namespace lacuna::tomato

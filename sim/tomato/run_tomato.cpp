#include "sim/tomato/run_tomato.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/clock_period.h"
#include "models/tomato/frame_bytes.h"
#include "models/tomato/unit_traits.h"
#include "sim/memory/memory_run.h"
#include "sim/network/gates.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"
#include "sim/tomato/fpga_energy.h"

namespace lacuna::tomato {
namespace {

/// Takes the values of a layer that stand at the multiples of a step of all that `pictures` pictures give.
void take_samples(const Tensor& tensor, std::uint64_t picture, std::uint64_t pictures,
                  std::vector<float>& samples) {
  const std::uint64_t size = tensor.values.size();
  const std::uint64_t step = std::max<std::uint64_t>(1, (size * pictures + most_samples - 1) / most_samples);
  const std::uint64_t before = picture * size;
  for (std::uint64_t i = (step - before % step) % step; i < size; i += step) {
    samples.push_back(tensor.values[i]);
  }
}

/// The largest values behind which gates multiply, and those that they multiply by.
void look_at_gates(const Network& network, const std::vector<Tensor>& outputs,
                   const std::vector<Tensor>& before_gates, LargestValues& largest) {
  for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
    if (!network.layers[layer].gates) {
      continue;
    }
    for (const float value : before_gates[layer].values) {
      largest.before_gates[layer] =
          std::max(largest.before_gates[layer], static_cast<double>(std::abs(value)));
    }
    for (const float value : saliencies(network.layers[layer], outputs[network.layers[layer].inputs[0]])) {
      largest.saliencies[layer] = std::max(largest.saliencies[layer], static_cast<double>(value));
    }
  }
}

/// What the first pictures give in floating point: the largest magnitude of each layer's outputs, samples of
/// them, and the network's results.
void calibrate(std::uint64_t pictures, TomatoInputs& inputs) {
  const Network& network = inputs.network;
  const Reference reference(network);
  const std::size_t result = result_layer(network);
  inputs.largest.outputs.assign(network.layers.size(), 0.0);
  inputs.largest.before_gates = inputs.largest.saliencies = inputs.largest.outputs;
  inputs.samples.resize(network.layers.size());
  for (std::uint64_t number = 0; number < pictures; ++number) {
    std::vector<Tensor> before_gates;
    std::vector<Tensor> outputs = reference.run(inputs.frames->picture(number), &before_gates);
    look_at_gates(network, outputs, before_gates, inputs.largest);
    for (std::size_t layer = 0; layer < outputs.size(); ++layer) {
      double& largest = inputs.largest.outputs[layer];
      for (const float value : outputs[layer].values) {
        if (!std::isfinite(value)) {
          throw InputDataError(network.layers[layer].place,
                               fmt::format("the outputs of '{}' are not finite", network.layers[layer].name),
                               "smaller weights or inputs");
        }
        largest = std::max(largest, static_cast<double>(std::abs(value)));
      }
      take_samples(outputs[layer], number, pictures, inputs.samples[layer]);
    }
    inputs.results.push_back(std::move(outputs[result].values));
  }
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
      calibrate(calibration_pictures(), loaded_);
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
    if (config_.memory) {
      add_memory();
    }
    if (config_.outputs) {
      judge_numbers();
      judge_outputs();
      keep_values();
    }
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
    input.trace = options_.trace;
    input.recorded_edges = recorded_edges();
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

  bool keeps_all() const {
    return options_.values.reference || options_.values.kept == KeptValues::of_all_layers;
  }

  /// The layers whose values are looked at, but for the input: all, or that of the results.
  std::vector<std::size_t> valued_layers() const {
    std::vector<std::size_t> layers;
    for (std::size_t i = 1; options_.values.any() && i < loaded_.network.layers.size(); ++i) {
      if (report_.machine.results[i] && (keeps_all() || i == result_layer(loaded_.network))) {
        layers.push_back(i);
      }
    }
    return layers;
  }

  /// An edge for each of these layers, on which its results leave it.
  std::vector<std::size_t> recorded_edges() const {
    std::vector<std::size_t> recorded;
    for (const std::size_t layer : valued_layers()) {
      const Tail& tail = report_.machine.results[layer]->tail;
      const std::vector<Edge>& edges = report_.machine.pipeline.edges;
      const auto found = std::find_if(edges.begin(), edges.end(), [&](const Edge& edge) {
        return edge.from == tail.unit && edge.from_output == tail.output;
      });
      recorded.push_back(static_cast<std::size_t>(found - edges.begin()));
    }
    return recorded;
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

  void check_values() const {
    if (!options_.values.any()) {
      return;
    }
    if (!config_.outputs) {
      throw ConfigurationError({{}, 0, options_.values.reference ? "--reference" : "--outputs"},
                               "a run of times alone has no values", "outputs: true in the configuration");
    }
    std::uint64_t elements = 0;
    for (const std::size_t layer : valued_layers()) {
      elements += loaded_.network.layers[layer].shape.elements() * report_.frames;
    }
    WantedValues held = options_.values;
    held.kept = KeptValues::of_all_layers;  // for a while, even where errors alone are wanted
    check_kept_values(elements, held, config_.memory_budget_mib);
  }

  void simulate() {
    check_memory();
    check_values();
    TomatoEngineOptions options = options_;
    options.data_plane = config_.architecture.data_plane;
    const auto engine =
        make_engine(config_.engine, report_.machine.pipeline, config_.architecture.parameters, options);
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

  /// The run as a job of the streaming device: all frames at once, then the run, then all results.
  void add_memory() {
    const TomatoMemory& outside = *config_.memory;
    const MachineDesign& machine = report_.machine;
    memory::Job job;
    if (outside.load_weights) {
      const std::uint64_t bits = weight_bits(machine.pipeline, machine.analysis);
      job.constants = {{memory::Phase::load_weights, 0, divide_up(bits, 8)}};
    }
    job.input_bytes = report_.frames * frame_layout(machine.pipeline, machine.analysis).bytes();
    job.output_bytes = report_.frames * result_layout(machine.analysis).bytes();
    job.run_cycles = {report_.result.cycles};
    if (job.input_bytes > outside.input_buffer_bytes || job.output_bytes > outside.output_buffer_bytes) {
      throw CapacityError({{}, 0, "workload.frames"},
                          fmt::format("{} frames have {} bytes, their results {}", report_.frames,
                                      job.input_bytes, job.output_bytes),
                          fmt::format("memory.input_buffer_bytes {} and output_buffer_bytes {}; more, or "
                                      "fewer frames",
                                      outside.input_buffer_bytes, outside.output_buffer_bytes));
    }
    memory::Parameters parameters = outside.parameters;
    parameters.double_buffering = false;  // there is one item
    MemoryRun run(parameters, {clock_period_ps(config_.architecture.parameters.clock_mhz), {}, {}});
    run.add(0, std::move(job));
    report_.memory = run.finish(options_.memory_requests).front();
  }

  /// What the formats make of weights and, of samples, of the inputs of each layer that has weights.
  void judge_numbers() {
    const Network& network = loaded_.network;
    report_.numbers.resize(network.layers.size());
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      report_.layer_names.push_back(network.layers[i].name);
      const std::size_t input = i == 0 ? 0 : network.layers[i].inputs.front();
      if ((i != 0 && !has_weights(network.layers[i].kind)) || !report_.machine.results[input]) {
        continue;
      }
      LayerNumbers& numbers = report_.numbers[i].emplace();
      numbers.weights = report_.machine.weights[i];
      for (const float value : loaded_.samples[input]) {
        add_number(static_cast<double>(value), report_.machine.results[input]->format, 1.0,
                   numbers.activations);
      }
    }
  }

  void judge_outputs() {
    const NumberFormat& format = report_.machine.results[result_layer(loaded_.network)]->format;
    const int unit = unit_exponent(format);
    for (std::size_t frame = 0; frame < report_.result.outputs.size(); ++frame) {
      const std::vector<std::int64_t>& outputs = report_.result.outputs[frame];
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const double value = std::ldexp(static_cast<double>(outputs[i]), unit);
        const bool at_end = outputs[i] == max_mantissa(format) || outputs[i] == min_mantissa(format);
        report_.output_ends.values += 1;
        report_.output_ends.clipped += at_end ? 1 : 0;
        if (frame < loaded_.results.size()) {
          report_.output_error.add(static_cast<double>(loaded_.results[frame][reference_position(i)]), value,
                                   false);
        }
      }
    }
  }

  /// Where a value of the stream of results stands in the network's own order, which differs behind a
  /// flatten that puts channels first.
  std::size_t position_in_network(std::size_t layer, std::size_t in_stream) const {
    const LayerResults& results = *report_.machine.results[layer];
    if (results.order != FlattenOrder::chw) {
      return in_stream;
    }
    const std::size_t channels = results.map.channels;
    return in_stream % channels * results.map.pixels() + in_stream / channels;
  }
  std::size_t reference_position(std::size_t in_stream) const {
    return position_in_network(result_layer(loaded_.network), in_stream);
  }

  void keep_values() {
    const std::vector<std::size_t> layers = valued_layers();
    std::optional<Reference> reference;
    if (options_.values.reference) {
      reference.emplace(loaded_.network);
    }
    for (std::size_t k = 0; k < layers.size(); ++k) {
      const NetworkLayer& layer = loaded_.network.layers[layers[k]];
      LayerValues values;
      values.name = layer.name;
      values.shape = {layer.shape.height, layer.shape.width, layer.shape.channels};
      values.vectors = report_.frames;
      values.format = to_text(report_.machine.results[layers[k]]->format);
      values.unit_exponent = unit_exponent(report_.machine.results[layers[k]]->format);
      for (const std::vector<std::int64_t>& frame : report_.result.recorded[k]) {
        const std::size_t start = values.raw.size();
        values.raw.resize(start + frame.size());
        for (std::size_t i = 0; i < frame.size(); ++i) {
          values.raw[start + position_in_network(layers[k], i)] = frame[i];
        }
      }
      report_.values.push_back(std::move(values));
    }
    report_.result.recorded.clear();
    for (std::uint32_t frame = 0; reference && frame < report_.frames; ++frame) {
      const std::vector<Tensor> outputs = reference->run(loaded_.frames->picture(frame));
      for (std::size_t k = 0; k < layers.size(); ++k) {
        add_reference(outputs[layers[k]], frame, report_.values[k]);
      }
    }
    forget_values(layers);
  }

  static void add_reference(const Tensor& reference, std::uint32_t frame, LayerValues& values) {
    if (!values.error) {
      values.error.emplace();
    }
    const std::size_t start = frame * values.elements();
    for (std::size_t i = 0; i < reference.values.size(); ++i) {
      const auto expected = static_cast<double>(reference.values[i]);
      values.error->add(expected,
                        std::ldexp(static_cast<double>(values.raw[start + i]), values.unit_exponent), false);
      values.reference.push_back(expected);
    }
  }

  /// Of layers whose values served for their errors alone.
  void forget_values(const std::vector<std::size_t>& layers) {
    for (std::size_t k = 0; k < layers.size(); ++k) {
      const bool last = layers[k] == result_layer(loaded_.network);
      if (options_.values.kept == KeptValues::none ||
          (options_.values.kept == KeptValues::of_last_layer && !last)) {
        report_.values[k].raw.clear();
        report_.values[k].reference.clear();
      }
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

std::uint64_t weight_bits(const Pipeline& pipeline, const Analysis& analysis) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    if (!analysis.units[i].inputs.empty()) {
      bits += stored_weights(pipeline.units[i], analysis.streams[analysis.units[i].inputs.front()]) *
              static_cast<std::uint64_t>(pipeline.units[i].weights.format.width_bits);
    }
  }
  return bits;
}

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

TomatoInputs tomato_inputs(const Network& network, const std::vector<Tensor>& pictures) {
  TomatoInputs inputs;
  inputs.network = simplified(network);
  inputs.multiply_accumulates_per_frame = multiply_accumulates(network);
  inputs.weights_source = "memory";
  inputs.frames.emplace(InputImages(pictures, network.layers.front().shape));
  calibrate(pictures.size(), inputs);
  return inputs;
}

TomatoReport run_tomato(const TomatoConfig& config, const TomatoInputs& inputs,
                        const TomatoEngineOptions& options) {
  return TomatoRun(config, inputs, options).run();
}

}  // namespace lacuna::tomato

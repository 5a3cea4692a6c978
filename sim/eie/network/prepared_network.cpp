#include "sim/eie/network/prepared_network.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "models/common/parallel_for.h"
#include "models/eie/layer.h"
#include "sim/eie/network/host_layers.h"
#include "sim/eie/network/network_formats.h"
#include "sim/eie/run/run_layer.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/recurrent_cell.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"
#include "sim/yaml/error_place.h"

namespace lacuna {
namespace {

InputImages images_of(const WorkloadConfig& workload, const NetworkFile& file, const TensorShape& shape,
                      std::uint64_t seed) {
  if (workload.random_data) {
    return {RandomImages{workload.lowering.value_or(LoweringConfig{}).calibration_images, seed}, shape};
  }
  if (!workload.data && !file.data) {
    throw ConfigurationError(workload.network.place, "the network has no data to run",
                             "a data section in its file, workload.data, or workload.data: random");
  }
  return {workload.data ? *workload.data : *file.data, shape};
}

}  // namespace

void check_lowering(const Network& network, const LoweringConfig& lowering) {
  for (const LayerLowering& each : lowering.layers) {
    const auto same = [&](const NetworkLayer& l) {
      return l.name == each.name && (is_lowered(l) || is_recurrent(l.kind));
    };
    if (std::none_of(network.layers.begin(), network.layers.end(), same)) {
      throw ConfigurationError(
          {"", 0, "workload.lowering.layers"},
          fmt::format("the network has no layer '{}' with weights", each.name),
          "names of its convolutions, fully connected layers, recurrent cells and aggregations");
    }
  }
}

LoadedNetwork load_network_workload(const WorkloadConfig& workload, std::uint64_t seed) {
  const NetworkFile file = read_network_file(workload.network.resolved);
  Network network = make_network(file.network);
  InputImages images = images_of(workload, file, network.layers.front().shape, seed);
  std::vector<std::string> files = {workload.network.resolved};
  const std::vector<std::string> weights = load_weights(network, seed);
  files.insert(files.end(), weights.begin(), weights.end());
  files.insert(files.end(), images.files().begin(), images.files().end());
  network = simplified(network);
  check_lowering(network, workload.lowering.value_or(LoweringConfig{}));
  return {std::move(network), std::move(images), std::move(files)};
}

namespace {

/// Prepares a network step by step.
class Preparation {
 public:
  Preparation(const LoadedNetwork& loaded, const LoweringConfig& lowering, const eie::Parameters& machine,
              std::size_t threads, LeadingTensors* leading)
      : images_(loaded.images),
        lowering_(lowering),
        machine_(machine),
        threads_(threads),
        leading_(leading),
        calibration_images_(std::min<std::size_t>(lowering.calibration_images, loaded.images.size())) {
    result_.network = loaded.network;
    result_.machine = machine;
  }

  PreparedNetwork prepare() {
    lower();
    calibrate_tensors();
    calibrate_products();
    complete();
    return std::move(result_);
  }

 private:
  const NetworkLayer& layer(std::size_t i) const { return result_.network.layers[i]; }
  const TensorShape& input_shape(std::size_t i) const { return result_.network.input_of(layer(i)).shape; }
  const FixedFormat& input_format(std::size_t i) const { return result_.formats[layer(i).inputs[0]]; }

  const LayerLowering* settings_of(const NetworkLayer& layer) const {
    const auto found = std::find_if(lowering_.layers.begin(), lowering_.layers.end(),
                                    [&](const LayerLowering& each) { return each.name == layer.name; });
    return found == lowering_.layers.end() ? nullptr : &*found;
  }

  LoweringOptions options_of(const NetworkLayer& layer) const {
    const LayerLowering* settings = settings_of(layer);
    LoweringOptions options{lowering_.convolution, machine_.codebook_index_bits};
    if (options.convolution == ConvolutionLowering::winograd && !winograd_applies(layer)) {
      options.convolution = ConvolutionLowering::im2col;
    }
    if (settings != nullptr) {
      options.convolution = settings->convolution.value_or(options.convolution);
      options.codebook_index_bits = settings->codebook_index_bits.value_or(options.codebook_index_bits);
    }
    if (options.codebook_index_bits > machine_.codebook_index_bits) {
      throw ConfigurationError(
          {"", 0, "workload.lowering.layers"},
          fmt::format("'{}': {} bits of codebook index", layer.name, options.codebook_index_bits),
          fmt::format("at most the machine's {}", machine_.codebook_index_bits));
    }
    return options;
  }

  void lower() {
    result_.layers.resize(result_.network.layers.size());
    std::vector<double> sizes;
    for (const NetworkLayer& each : result_.network.layers) {
      sizes.push_back(each.weights ? static_cast<double>(each.weights->values.size()) : 0.0);
    }
    parallel_each(sizes, threads_, [this](std::size_t i) {
      const NetworkLayer& each = layer(i);
      if (is_recurrent(each.kind)) {
        result_.layers[i].cell = lower_cell(each, options_of(each).codebook_index_bits);
      } else if (is_lowered(each)) {
        LoweringOptions options = options_of(each);
        options.leave_out_unused_inputs = lowering_.leave_out_unused_inputs.value_or(false) &&
                                          !stays_in_machine(result_.network, each.inputs[0], i);
        result_.layers[i].lowered = lower_layer(each, input_shape(i), options);
      }
    });
  }

  /// The floating-point network on the calibration images. Only the first one's tensors, often all that there
  /// are, are kept for `calibrate_products`.
  void calibrate_tensors() {
    const Reference reference(result_.network, threads_);
    largest_.assign(result_.network.layers.size(), 0.0);
    for (std::size_t image = 0; image < calibration_images_; ++image) {
      std::vector<Tensor> outputs = leading_ != nullptr && !leading_->real.empty()
                                        ? reference.run_behind(std::move(leading_->real))
                                        : reference.run(images_.image(image));
      add_magnitudes(outputs);
      result_.reference.push_back(outputs.back());
      if (image == 0) {
        first_tensors_ = std::move(outputs);
      }
    }
    result_.formats =
        tensor_formats(result_.network, largest_, static_cast<int>(machine_.activation_width_bits),
                       static_cast<int>(lowering_.headroom_bits));
  }

  /// Weights may be so large that their sums overflow floating point.
  void add_magnitudes(const std::vector<Tensor>& outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const bool known = leading_ != nullptr && i < leading_->largest.size();
      const double magnitude = known ? leading_->largest[i] : largest_magnitude(outputs[i].values);
      if (!std::isfinite(magnitude)) {
        throw InputDataError(layer(i).place, fmt::format("the outputs of '{}' are not finite", layer(i).name),
                             "smaller weights or inputs");
      }
      largest_[i] = std::max(largest_[i], magnitude);
    }
  }

  void calibrate_products() {
    ranges_.resize(result_.layers.size());
    for (std::size_t i = 0; i < ranges_.size(); ++i) {
      ranges_[i].resize(result_.layers[i].on_machine() ? result_.layers[i].products().size() : 0);
    }
    const std::vector<double> sizes = work_of_products();
    if (leading_ != nullptr) {
      const std::size_t last = leading_->layers() - 1;
      leading_->round_last(first_tensors_[last], result_.formats[last]);
    }
    parallel_each(sizes, threads_, [&](std::size_t i) { calibrate(i, 0, first_tensors_); });
    if (leading_ != nullptr) {
      leading_->keep_real(first_tensors_, largest_);
    }
    first_tensors_ = {};
    if (calibration_images_ > 1) {
      const Reference reference(result_.network, threads_);
      for (std::size_t image = 1; image < calibration_images_; ++image) {
        const std::vector<Tensor> outputs = reference.run(images_.image(image));
        parallel_each(sizes, threads_, [&](std::size_t i) { calibrate(i, image, outputs); });
      }
    }
  }

  /// Of each layer, as far as one can tell before its vectors are known.
  std::vector<double> work_of_products() const {
    std::vector<double> works(result_.layers.size(), 0.0);
    for (std::size_t i = 0; i < works.size(); ++i) {
      for (std::size_t p = 0; p < ranges_[i].size(); ++p) {
        works[i] += static_cast<double>(result_.layers[i].products()[p].layer.matrix.nonzeros()) *
                    static_cast<double>(vectors_per_image(result_, i, p));
      }
    }
    return works;
  }

  void calibrate(std::size_t i, std::size_t image, const std::vector<Tensor>& outputs) {
    if (!result_.layers[i].on_machine()) {
      return;
    }
    const Tensor& real_input = outputs[layer(i).inputs[0]];
    const bool leads = leading_ != nullptr && layer(i).inputs[0] + 1 == leading_->layers();
    if (result_.layers[i].cell) {
      measure_cell(i, outputs);
    } else {
      const RawTensor own = leads ? RawTensor() : quantised(real_input, input_format(i));
      const RawTensor& input = leads ? leading_->last_rounded : own;
      if (image == 0 && result_.layers[i].lowered->depends_on_input()) {
        result_.layers[i].lowered->calibrate(input, input_format(i));
      }
      measure(i, input);
    }
    if (leads) {
      result_.layers[i].activations = leading_->last_tally;
    } else {
      add_tensor(real_input, input_format(i), result_.layers[i].activations);
    }
  }

  bool positive_only() const { return eie::value_widths(machine_).positive_only; }

  void measure(std::size_t i, const RawTensor& input) {
    const LoweredLayer& lowered = *result_.layers[i].lowered;
    std::vector<std::int64_t> elements;
    for (std::size_t p = 0; p < lowered.products.size(); ++p) {
      const std::optional<Product> own = lowered.depends_on_input()
                                             ? std::optional(lowered.made_for(p, input, input_format(i)))
                                             : std::nullopt;
      for (std::size_t vector = 0; vector < lowered.vectors(p); ++vector) {
        lowered.gather(p, vector, input, elements);
        add_vector(own ? *own : lowered.products[p], elements, input_format(i).fraction_bits(),
                   positive_only(), ranges_[i][p]);
      }
    }
  }

  /// What a machine that leaves negative activations out computes is not what floating point says: its
  /// outputs may be larger.
  void widen_outputs(std::size_t i) {
    double largest = 0.0;
    for (const ProductRange& range : ranges_[i]) {
      largest = std::max(largest, range.largest_output);
    }
    const FixedFormat needed = format_for(largest, static_cast<int>(machine_.activation_width_bits),
                                          static_cast<int>(lowering_.headroom_bits));
    if (positive_only() && result_.layers[i].lowered != nullptr) {
      result_.formats[i].integer_bits = std::max(result_.formats[i].integer_bits, needed.integer_bits);
    }
  }

  /// The products of the state are measured on the states before each step.
  void measure_cell(std::size_t i, const std::vector<Tensor>& outputs) {
    const NetworkLayer& cell = layer(i);
    const Tensor& inputs = outputs[cell.inputs[0]];
    const RawTensor input = quantised(inputs, input_format(i));
    Tensor before(cell.shape);
    const std::vector<double> first = RecurrentCell(cell).state();
    std::copy(first.begin(), first.end(), before.values.begin());
    std::copy(outputs[i].values.begin(),
              outputs[i].values.end() - static_cast<std::ptrdiff_t>(cell.outputs()),
              before.values.begin() + static_cast<std::ptrdiff_t>(cell.outputs()));
    const RawTensor state = quantised(before, result_.formats[i]);
    RawTensor candidate;
    if (cell.kind == LayerKind::gru) {
      Tensor taken(cell.shape);
      recurrent_output(cell, inputs, &taken);
      candidate = quantised(taken, result_.formats[i]);
    }
    const LoweredCell& lowered = *result_.layers[i].cell;
    for (std::size_t p = 0; p < ranges_[i].size(); ++p) {
      const bool of_state = lowered.is_of_state(p);
      const bool of_candidate = of_state && sum_of_state(cell.kind, lowered.gate_of(p)) != lowered.gate_of(p);
      const RawTensor& tensor = of_candidate ? candidate : of_state ? state : input;
      const int fraction = (of_state ? result_.formats[i] : input_format(i)).fraction_bits();
      for (std::size_t step = 0; step < tensor.shape.height; ++step) {
        const std::int32_t* values = &tensor.at(step, 0, 0);
        add_vector(lowered.products[p], {values, values + tensor.shape.channels}, fraction, positive_only(),
                   ranges_[i][p]);
      }
    }
  }

  /// Formats, codebooks and memory images of every product.
  void complete() {
    for (std::size_t i = 1; i < result_.layers.size(); ++i) {
      widen_outputs(i);
    }
    parallel_each(work_of_products(), threads_, [this](std::size_t i) {
      if (result_.layers[i].on_machine()) {
        at_place(layer(i).place, [&] { complete_layer(i); });
      }
    });
  }

  void complete_layer(std::size_t i) {
    PreparedLayer& prepared = result_.layers[i];
    const int headroom = static_cast<int>(lowering_.headroom_bits);
    double largest = 0.0;
    for (const ProductRange& range : ranges_[i]) {
      largest = std::max(largest, range.largest_output);
    }
    for (std::size_t p = 0; p < prepared.products().size(); ++p) {
      const FixedFormat& input =
          prepared.cell && prepared.cell->is_of_state(p) ? result_.formats[i] : input_format(i);
      set_formats(machine_, ranges_[i][p], input, headroom, prepared.products()[p]);
    }
    const bool whole = prepared.lowered != nullptr && prepared.lowered->complete();
    prepared.partial =
        join_outputs(whole ? result_.formats[i]
                           : format_for(largest, static_cast<int>(machine_.activation_width_bits), headroom),
                     prepared.products());
    for (Product& product : prepared.products()) {
      prepared.weights += tally_weights(product);
      product.image = fitting_image(machine_, product.layer);
    }
  }

  const InputImages& images_;
  const LoweringConfig& lowering_;
  const eie::Parameters& machine_;
  const std::size_t threads_;
  LeadingTensors* const leading_;
  std::size_t calibration_images_;
  std::vector<Tensor> first_tensors_;  ///< of the first calibration image
  std::vector<double> largest_;        ///< magnitude of each layer's output
  PreparedNetwork result_;
  std::vector<std::vector<ProductRange>> ranges_;
};

}  // namespace

bool stays_in_machine(const Network& network, std::size_t from, std::size_t to) {
  const std::vector<NetworkLayer>& layers = network.layers;
  return layers[from].kind == LayerKind::fully_connected && layers[to].kind == LayerKind::fully_connected &&
         layers[from].activation != Activation::relu6 && network.consumers(from).size() == 1;
}

std::uint64_t vectors_per_image(const PreparedNetwork& network, std::size_t position, std::size_t product) {
  const PreparedLayer& prepared = network.layers[position];
  return prepared.cell ? network.network.layers[position].shape.height : prepared.lowered->vectors(product);
}

MemoryRun::Inputs job_inputs(const PreparedNetwork& network, std::size_t position, const Product& product) {
  const bool first_of_layer = &product == &network.layers[position].products().front();
  const auto begin = network.layers.begin();
  const bool behind_others = std::any_of(begin, begin + static_cast<std::ptrdiff_t>(position),
                                         [](const PreparedLayer& layer) { return layer.on_machine(); });
  return first_of_layer && behind_others ? MemoryRun::Inputs::made_of_results
                                         : MemoryRun::Inputs::of_their_own;
}

void check_memory_phases(const PreparedNetwork& network) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (network.layers[i].lowered != nullptr && network.layers[i].lowered->depends_on_input()) {
      throw ConfigurationError({{}, 0, "memory"},
                               fmt::format("layer {} has attention by features: its matrix is another for "
                                           "each input and has no memory phases",
                                           network.network.layers[i].name),
                               "attention: constant or gcn, or no memory");
    }
    if (network.layers[i].cell) {
      throw ConfigurationError({{}, 0, "memory"},
                               fmt::format("layer {} is recurrent: its products take turns at each step and "
                                           "have no memory phases",
                                           network.network.layers[i].name),
                               "a network of convolutions and fully connected layers, or no memory");
    }
  }
}

PreparedNetwork prepare_network(const LoadedNetwork& loaded, const LoweringConfig& lowering,
                                const eie::Parameters& machine, std::size_t threads,
                                LeadingTensors* leading) {
  return Preparation(loaded, lowering, machine, threads, leading).prepare();
}

}  // namespace lacuna

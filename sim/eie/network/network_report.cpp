#include "sim/eie/network/network_report.h"

#include <algorithm>
#include <cmath>

#include "models/common/checksum.h"
#include "models/eie/capacity.h"
#include "sim/eie/network/host_layers.h"
#include "sim/eie/run/run_layer.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// Cycles in which all PEs, in lockstep, pass a vector through their activation SRAM ports.
std::uint64_t port_cycles(const eie::Parameters& machine, std::uint32_t elements) {
  const std::uint64_t per_pe = (std::uint64_t{elements} + machine.pe_count - 1) / machine.pe_count;
  const std::uint64_t bits = per_pe * machine.activation_width_bits;
  return (bits + machine.activation_sram_width_bits - 1) / machine.activation_sram_width_bits;
}

}  // namespace

ActivationTraffic activation_traffic(const PreparedNetwork& network, std::size_t position,
                                     const eie::Parameters& machine) {
  const NetworkLayer& layer = network.network.layers[position];
  const PreparedLayer& prepared = network.layers[position];
  const std::vector<std::size_t> consumers = network.network.consumers(position);
  const bool kept_input = stays_in_machine(network.network, layer.inputs[0], position);
  const bool kept_output =
      consumers.size() == 1 && stays_in_machine(network.network, position, consumers.front());
  ActivationTraffic traffic;
  traffic.distinct_words = kept_input ? 0 : network.network.input_of(layer).shape.elements();
  for (std::size_t p = 0; p < prepared.products().size(); ++p) {
    const Product& product = prepared.products()[p];
    const std::uint64_t vectors = vectors_per_image(network, position, p);
    const eie::BatchPlan plan = eie::plan_batches(machine, eie::LayerShape::of(product.layer));
    if (!kept_input) {
      traffic.words_in += vectors * product.inputs();
      traffic.cycles += plan.loads() ? 0 : vectors * port_cycles(machine, product.inputs());
    }
    if (!kept_output) {
      traffic.words_out += vectors * product.outputs();
      traffic.cycles += plan.stores() ? 0 : vectors * port_cycles(machine, product.outputs());
    }
  }
  return traffic;
}

namespace {

/// Nonzeros, biases not counted.
std::uint64_t weights_of(const Product& product) {
  return product.layer.matrix.column_starts[product.inputs()];
}

HostWork work_of(const NetworkLayer& layer, const PreparedLayer& prepared) {
  if (prepared.cell) {
    return cell_work(layer);
  }
  HostWork work = prepared.lowered->work();
  const bool complete = prepared.lowered->complete();
  work.additions += prepared.lowered->host_biases.empty() ? 0 : layer.shape.elements();
  work.comparisons += !complete && layer.activation != Activation::none ? layer.shape.elements() : 0;
  work.comparisons += layer.activation == Activation::relu6 ? layer.shape.elements() : 0;
  return work;
}

void add_products(const NetworkLayer& layer, const PreparedLayer& prepared, const FixedFormat& input,
                  NetworkLayerReport& report) {
  std::uint64_t nonzeros = 0;
  std::uint64_t elements = 0;
  for (const Product& product : prepared.products()) {
    nonzeros += weights_of(product);
    elements += std::uint64_t{product.inputs()} * product.outputs();
    report.exact_gathering =
        report.exact_gathering && (prepared.cell || product.layer.formats.activation == input);
  }
  report.products = static_cast<std::uint32_t>(prepared.products().size());
  report.weight_density =
      elements == 0 ? 0.0 : static_cast<double>(nonzeros) * layer.groups / static_cast<double>(elements);
}

}  // namespace

NetworkLayerReport network_layer_report(const PreparedNetwork& network, std::size_t position,
                                        std::uint64_t images, const eie::Parameters& machine) {
  const NetworkLayer& layer = network.network.layers[position];
  const PreparedLayer& prepared = network.layers[position];
  NetworkLayerReport report;
  report.kind = kind_name(layer.kind);
  report.input_shape = network.network.input_of(layer).shape.text();
  report.output_shape = layer.shape.text();
  if (!prepared.on_machine()) {
    report.lowering = "host";
    std::vector<TensorShape> inputs;
    inputs.reserve(layer.inputs.size());
    for (const std::size_t input : layer.inputs) {
      inputs.push_back(network.network.layers[input].shape);
    }
    report.host = host_work(layer, inputs).times(images);
    return report;
  }
  report.lowering = prepared.cell ? kind_name(layer.kind) : prepared.lowered->name();
  report.sharing = prepared.cell ? prepared.cell->sharing : prepared.lowered->sharing;
  report.sharing_largest_error =
      prepared.cell ? prepared.cell->sharing_largest_error : prepared.lowered->sharing_largest_error;
  add_products(layer, prepared, network.formats[layer.inputs[0]], report);
  report.host = work_of(layer, prepared).times(images);
  const ActivationTraffic traffic = activation_traffic(network, position, machine);
  report.traffic = {traffic.words_in * images, traffic.words_out * images, traffic.distinct_words * images,
                    traffic.cycles * images};
  return report;
}

LayerReport machine_layer_report(const PreparedNetwork& network, std::size_t position,
                                 const ProductCounts& counts) {
  const NetworkLayer& layer = network.network.layers[position];
  const std::vector<Product>& products = network.layers[position].products();
  const Product& first = products.front();
  LayerReport report;
  report.name = layer.name;
  report.source = network.network.name;
  report.rows = first.outputs();
  report.columns = first.inputs();
  report.has_bias = first.layer.has_bias;
  report.relu = first.layer.relu;
  report.formats = first.layer.formats;
  report.numbers = {network.layers[position].weights, network.layers[position].activations};
  report.sums = counts.sums;
  report.pes.resize(first.image.pes.size());
  for (const Product& product : products) {
    report.stored_entries += product.image.stored_entries;
    report.padding_entries += product.image.padding_entries;
    report.true_nonzeros += product.layer.matrix.nonzeros();
    for (std::size_t pe = 0; pe < report.pes.size(); ++pe) {
      report.pes[pe].stored_entries += product.image.pes[pe].codes.size();
    }
  }
  for (std::size_t pe = 0; pe < counts.pes.size(); ++pe) {
    report.pes[pe].cycle_classes = counts.pes[pe].cycles;
    report.pes[pe].events = counts.pes[pe].events;
  }
  return report;
}

double vector_density(const PreparedNetwork& network, std::size_t position, std::uint64_t timed_images,
                      const RunSums& sums) {
  const PreparedLayer& prepared = network.layers[position];
  std::uint64_t elements = 0;
  std::uint64_t biases = 0;
  for (std::size_t p = 0; p < prepared.products().size(); ++p) {
    const Product& product = prepared.products()[p];
    const std::uint64_t vectors = vectors_per_image(network, position, p) * timed_images;
    elements += vectors * product.inputs();
    biases += product.layer.has_bias ? vectors * product.image.row_batches : 0;
  }
  const std::uint64_t broadcasts = sums.control_events[eie::ControlEvent::broadcasts];
  const std::uint64_t repeats =
      prepared.products().front().image.row_batches;  // inputs are sent once for each
  return elements == 0 ? 0.0
                       : static_cast<double>(broadcasts - biases) / static_cast<double>(elements * repeats);
}

std::string tensor_checksum(const RawTensor& tensor) {
  return outputs_checksum({tensor.values});
}

std::string joined_checksum(const std::vector<std::string>& image_checksums) {
  if (image_checksums.size() <= 1) {
    return image_checksums.empty() ? std::string() : image_checksums.front();
  }
  std::string all;
  for (const std::string& each : image_checksums) {
    all += each;
  }
  return sha256_bytes(all.data(), all.size());
}

namespace {

constexpr std::size_t shown_images = 16;
constexpr std::size_t shown_classes = 5;

/// The largest values, descending, the first among equals first.
std::vector<ClassScore> best_of(const Tensor& tensor) {
  std::vector<ClassScore> scores;
  scores.reserve(tensor.values.size());
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    scores.push_back({i, static_cast<double>(tensor.values[i])});
  }
  const std::size_t count = std::min(shown_classes, scores.size());
  std::partial_sort(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(count), scores.end(),
                    [](const ClassScore& a, const ClassScore& b) {
                      return a.score != b.score ? a.score > b.score : a.index < b.index;
                    });
  scores.resize(count);
  return scores;
}

std::int64_t class_of(const Tensor& tensor) {
  return std::max_element(tensor.values.begin(), tensor.values.end()) - tensor.values.begin();
}

/// Nodes whose largest channel is their class.
std::uint64_t correct_nodes(const Tensor& tensor, const std::vector<NodeLabel>& labels) {
  std::uint64_t correct = 0;
  const auto channels = static_cast<std::ptrdiff_t>(tensor.shape.channels);
  for (const NodeLabel& each : labels) {
    const auto first = tensor.values.begin() + static_cast<std::ptrdiff_t>(each.node) * channels;
    correct += std::max_element(first, first + channels) - first == each.label ? 1U : 0U;
  }
  return correct;
}

Tensor network_output(const PreparedNetwork& network, const std::vector<std::vector<RawTensor>>& tensors,
                      std::size_t image) {
  const NetworkLayer& last = network.network.layers.back();
  if (last.kind != LayerKind::softmax) {
    return real_values(tensors.back()[image], network.formats.back());
  }
  const std::size_t before = last.inputs[0];
  const Tensor scores = real_values(tensors[before][image], network.formats[before]);
  return weightless_output(last, {&scores});
}

}  // namespace

void score_reference(const std::vector<Tensor>& outputs, const InputImages& images, NetworkReport& report) {
  const std::vector<std::int32_t>& labels = images.labels();
  for (std::size_t image = 0; image < outputs.size(); ++image) {
    if (image < shown_images && images.node_labels().empty()) {
      report.reference_best.push_back(best_of(outputs[image]));
    }
    if (image < labels.size()) {
      ++report.reference_labelled;
      report.reference_correct += class_of(outputs[image]) == labels[image] ? 1U : 0U;
    }
    report.reference_labelled += images.node_labels().size();
    report.reference_correct += correct_nodes(outputs[image], images.node_labels());
  }
}

void score_outputs(const PreparedNetwork& network, const std::vector<std::vector<RawTensor>>& tensors,
                   std::size_t first, const InputImages& images, NetworkReport& report) {
  const std::vector<std::int32_t>& labels = images.labels();
  for (std::size_t i = 0; i < tensors.front().size(); ++i) {
    const Tensor output = network_output(network, tensors, i);
    const std::size_t image = first + i;
    if (image < shown_images && images.node_labels().empty()) {
      report.best.push_back(best_of(output));
    }
    if (image < labels.size()) {
      ++report.labelled;
      report.correct += class_of(output) == labels[image] ? 1U : 0U;
    }
    report.labelled += images.node_labels().size();
    report.correct += correct_nodes(output, images.node_labels());
    if (image < network.reference.size()) {
      for (std::size_t k = 0; k < output.values.size(); ++k) {
        const double error =
            static_cast<double>(output.values[k]) - static_cast<double>(network.reference[image].values[k]);
        report.largest_output_error = std::max(report.largest_output_error, std::fabs(error));
        report.output_error.add(static_cast<double>(network.reference[image].values[k]),
                                static_cast<double>(output.values[k]), false);
      }
    }
  }
}

}  // namespace lacuna

#include "sim/eie/network/lowered_aggregation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/eie/network/host_layers.h"
#include "sim/network/aggregation.h"

namespace lacuna {
namespace {

class Adjacency : public LoweredLayer {
 public:
  Adjacency(const NetworkLayer& layer, const TensorShape& input, const LoweringOptions& options)
      : LoweredLayer(layer, input), codebook_index_bits_(options.codebook_index_bits) {
    host_biases = layer.weights->bias;
    products.resize(layer.aggregation.heads);
    for (std::size_t head = 0; head < products.size(); ++head) {
      products[head].layer.name =
          products.size() == 1 ? layer.name : fmt::format("{} (head {})", layer.name, head);
      products[head].layer.relu = complete() && layer.activation != Activation::none;
    }
    if (!depends_on_input()) {
      share({edge_coefficients(layer, 0, Tensor{})});
    }
  }

  const char* name() const override { return "adjacency"; }
  bool complete() const override { return host_biases.empty(); }
  std::size_t vectors(std::size_t /*product*/) const override {
    return input_.channels / layer_.aggregation.heads;
  }

  void gather(std::size_t product, std::size_t vector, const RawTensor& input,
              std::vector<std::int64_t>& elements) const override {
    elements.resize(input_.height);
    for (std::size_t node = 0; node < elements.size(); ++node) {
      elements[node] = input.at(node, 0, channel(product, vector));
    }
  }

  void add(std::size_t product, std::size_t vector, const std::vector<std::int32_t>& outputs,
           std::vector<std::int64_t>& sums) const override {
    for (std::size_t node = 0; node < outputs.size(); ++node) {
      sums[node * input_.channels + channel(product, vector)] = outputs[node];
    }
  }

  HostWork work() const override { return attention_work(layer_); }

  bool depends_on_input() const override { return depends_on_features(layer_.aggregation.attention); }

  void calibrate(const RawTensor& input, const FixedFormat& format) override {
    const Tensor features = real_values(input, format);
    std::vector<std::vector<float>> coefficients;
    for (std::size_t head = 0; head < products.size(); ++head) {
      coefficients.push_back(edge_coefficients(layer_, head, features));
    }
    share(coefficients);
  }

  Product made_for(std::size_t product, const RawTensor& input, const FixedFormat& format) const override {
    const std::vector<float> coefficients = edge_coefficients(layer_, product, real_values(input, format));
    Product own = products[product];
    std::vector<std::uint8_t> codes;
    codes.reserve(coefficients.size());
    for (const float coefficient : coefficients) {
      codes.push_back(nearest(own.codebook, coefficient));
    }
    own.layer.matrix = matrix_of(codes.data());
    return own;
  }

 private:
  std::size_t channel(std::size_t product, std::size_t vector) const {
    return product * vectors(product) + vector;
  }

  /// Never 0: entries stay where the graph has them.
  static std::uint8_t nearest(const std::vector<float>& codebook, float value) {
    std::size_t best = 1;
    for (std::size_t code = 2; code < codebook.size(); ++code) {
      if (std::fabs(codebook[code] - value) < std::fabs(codebook[best] - value)) {
        best = code;
      }
    }
    return static_cast<std::uint8_t>(best);
  }

  /// One codebook for the coefficients of all heads.
  void share(const std::vector<std::vector<float>>& coefficients) {
    std::vector<float> all;
    for (const std::vector<float>& each : coefficients) {
      all.insert(all.end(), each.begin(), each.end());
    }
    const SharedLayer shared = share_layer(all, {}, {}, codebook_index_bits_);
    for (std::size_t head = 0; head < products.size(); ++head) {
      products[head].codebook = shared.codebook;
      products[head].layer.matrix = matrix_of(shared.codes.data() + head * layer_.graph->entries());
    }
    sharing = shared.method;
    sharing_largest_error = shared.largest_error;
  }

  eie::CodedMatrix matrix_of(const std::uint8_t* codes) const {
    const Graph& graph = *layer_.graph;
    std::vector<CodedEntry> entries;
    entries.reserve(graph.entries());
    for (std::uint32_t node = 0; node < graph.nodes(); ++node) {
      for (std::uint64_t i = graph.starts[node]; i < graph.starts[node + 1U]; ++i) {
        entries.push_back({node, graph.neighbours[i], codes[i]});
      }
    }
    return coded_matrix(graph.nodes(), graph.nodes(), entries);
  }

  std::uint32_t codebook_index_bits_;
};

}  // namespace

std::unique_ptr<LoweredLayer> lower_aggregation(const NetworkLayer& layer, const TensorShape& input,
                                                const LoweringOptions& options) {
  return std::make_unique<Adjacency>(layer, input, options);
}

HostWork attention_work(const NetworkLayer& layer) {
  HostWork work;
  if (!depends_on_features(layer.aggregation.attention)) {
    return work;
  }
  const std::uint64_t nodes = layer.shape.height;
  const std::uint64_t channels = layer.shape.channels;
  const std::uint64_t heads = layer.aggregation.heads;
  const std::uint64_t entries = layer.graph->entries();
  const HostWork tangent = {2, 1, 0, 1};
  switch (layer.aggregation.attention) {
    case AttentionKind::gat:  // two products for each node; sum and leaky ReLU for each entry
      work = {2 * nodes * channels + entries * heads, 2 * nodes * channels + entries * heads, entries * heads,
              0};
      break;
    case AttentionKind::sym_gat:  // both directions of each entry, and their sum
      work = {2 * nodes * channels + 3 * entries * heads, 2 * nodes * channels + 2 * entries * heads,
              2 * entries * heads, 0};
      break;
    case AttentionKind::cos:  // three products and a sum for each entry and channel
      work = {entries * channels, 3 * entries * channels, 0, 0};
      break;
    case AttentionKind::linear:
      work = {nodes * channels, nodes * channels, 0, 0};
      work += tangent.times(nodes * heads);
      break;
    default:  // gene_linear: a sum of two products, its tangent, and a product that is added
      work = {2 * entries * channels, 3 * entries * channels, 0, 0};
      work += tangent.times(entries * channels);
      break;
  }
  // The softmax: the largest, a difference, an exponential, the sum and a quotient for each entry.
  work += HostWork{2, 1, 1, 1}.times(entries * heads);
  if (layer.aggregation.reduction == Reduction::mean) {
    work.multiplications += entries * heads;
  }
  return work;
}

HostWork aggregation_work(const NetworkLayer& layer) {
  HostWork work = attention_work(layer);
  const std::uint64_t values = std::uint64_t{layer.graph->entries()} * layer.shape.channels;
  work.multiplications += layer.aggregation.attention == AttentionKind::constant ? 0 : values;
  // A node's first neighbour is compared with nothing.
  for (std::size_t node = 0; node < layer.graph->nodes(); ++node) {
    work.comparisons += (std::max<std::uint64_t>(layer.graph->degree(node), 1) - 1) * layer.shape.channels;
  }
  work.additions += layer.weights->bias.empty() ? 0 : layer.shape.elements();
  return work;
}

}  // namespace lacuna

#include "sim/network/load_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/data/import/han_net.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/random/random_stream.h"
#include "sim/data/trace/trace_file.h"
#include "sim/graph/graph_file.h"
#include "sim/network/aggregation.h"
#include "sim/network/network.h"

namespace lacuna {
namespace {

using Extents = std::vector<std::uint64_t>;

/// [outputs, kernel height, kernel width, inputs / groups] of the layer's weights.
Extents extents_of(const NetworkLayer& layer, const TensorShape& input) {
  if (layer.kind == LayerKind::convolution) {
    return {layer.outputs(), layer.window.height, layer.window.width, input.channels / layer.groups};
  }
  return {std::uint64_t{layer.outputs()} * gates_of(layer.kind), 1, 1, input.channels};
}

/// Where dimension d of `Extents` stands in a file of this layout; -1 for one that it has not.
std::vector<int> places_of(const NetworkLayer& layer) {
  const bool convolution = layer.kind == LayerKind::convolution;
  switch (layer.weight_source.layout) {
    case WeightLayout::out_in:
      return {0, -1, -1, 1};
    case WeightLayout::in_out:
      return {1, -1, -1, 0};
    case WeightLayout::out_in_kh_kw:
      return {0, 2, 3, 1};
    case WeightLayout::kh_kw_in_out:
      return {3, 0, 1, 2};
    case WeightLayout::automatic:
      break;
  }
  return convolution ? std::vector<int>{0, 2, 3, 1} : std::vector<int>{0, -1, -1, 1};
}

/// Shape that the file must have.
Extents file_shape(const NetworkLayer& layer, const Extents& extents, const std::vector<int>& places) {
  Extents shape(static_cast<std::size_t>(*std::max_element(places.begin(), places.end())) + 1, 0);
  for (std::size_t d = 0; d < places.size(); ++d) {
    if (places[d] >= 0) {
      shape[static_cast<std::size_t>(places[d])] = extents[d];
    } else if (extents[d] != 1) {
      refuse_layer(layer, "a layout of two dimensions for a kernel of more than one",
                   "out_in_kh_kw or kh_kw_in_out");
    }
  }
  return shape;
}

NpyArray read_shaped(const std::string& path, const Extents& shape) {
  NpyArray array = read_npy(path);
  if (array.shape != shape) {
    throw InputDataError({path, 0, ""}, fmt::format("has the shape [{}]", fmt::join(array.shape, ", ")),
                         fmt::format("[{}] is needed here", fmt::join(shape, ", ")));
  }
  return array;
}

/// Reorders a file's values to those of `LayerWeights`.
std::vector<float> reordered(const std::vector<float>& values, const Extents& extents,
                             const std::vector<int>& places, const Extents& shape) {
  std::vector<std::size_t> steps(4, 0);  // in the file, of each dimension of `extents`
  for (std::size_t d = 0; d < 4; ++d) {
    std::size_t step = 1;
    for (std::size_t later = static_cast<std::size_t>(places[d]) + 1; places[d] >= 0 && later < shape.size();
         ++later) {
      step *= shape[later];
    }
    steps[d] = places[d] >= 0 ? step : 0;
  }
  std::vector<float> result;
  result.reserve(values.size());
  for (std::size_t o = 0; o < extents[0]; ++o) {
    for (std::size_t y = 0; y < extents[1]; ++y) {
      for (std::size_t x = 0; x < extents[2]; ++x) {
        for (std::size_t i = 0; i < extents[3]; ++i) {
          result.push_back(values[o * steps[0] + y * steps[1] + x * steps[2] + i * steps[3]]);
        }
      }
    }
  }
  return result;
}

std::vector<float> channel_values(const FilePath& file, std::uint32_t channels, float otherwise) {
  return file.empty() ? std::vector<float>(channels, otherwise) : read_vector_npy(file.resolved, channels);
}

/// Which of the files of a recurrent cell stand where.
void check_recurrent_files(const NetworkLayer& layer) {
  const WeightSource& source = layer.weight_source;
  const bool recurrent = is_recurrent(layer.kind);
  if (recurrent && source.recurrent.empty()) {
    refuse_layer(layer, "weights.recurrent is missing", "for the kinds lstm and gru");
  }
  const auto only = [&](const FilePath& file, const char* key, bool has_meaning, const char* where) {
    if (!file.empty() && !has_meaning) {
      refuse_layer(layer, fmt::format("weights.{} has no meaning", key), where);
    }
  };
  const bool reset_after = layer.kind == LayerKind::gru && layer.reset_after;
  only(source.recurrent, "recurrent", recurrent, "for the kinds lstm and gru, and only there");
  only(source.recurrent_bias, "recurrent_bias", reset_after, "for gru with reset_after, and only there");
  only(source.state, "state", recurrent, "for the kinds lstm and gru, and only there");
  only(source.cell, "cell", layer.kind == LayerKind::lstm, "for kind lstm, and only there");
}

/// The weights of a layer from NumPy files. `input` is the shape of what the layer takes.
LayerWeights weights_of_npy(const NetworkLayer& layer, const TensorShape& input) {
  const WeightSource& source = layer.weight_source;
  if (source.npy.empty()) {
    refuse_layer(layer, "has no weights", "npy, han_net, trace or generate");
  }
  check_recurrent_files(layer);
  const Extents extents = extents_of(layer, input);
  const std::vector<int> places = places_of(layer);
  const Extents shape = file_shape(layer, extents, places);
  LayerWeights weights;
  weights.values = reordered(to_floats(read_shaped(source.npy.resolved, shape)), extents, places, shape);
  if (!source.recurrent.empty()) {
    weights.recurrent = to_floats(read_shaped(source.recurrent.resolved, {extents[0], layer.outputs()}));
  }
  const auto list = [](const FilePath& file, std::uint64_t count) {
    return file.empty() ? std::vector<float>() : read_vector_npy(file.resolved, count);
  };
  weights.bias = list(source.bias, extents[0]);
  weights.recurrent_bias = list(source.recurrent_bias, layer.outputs());
  weights.state = list(source.state, layer.outputs());
  weights.cell = list(source.cell, layer.outputs());
  return weights;
}

/// The weights of a layer from one of a deep-compressed network. Throws ConfigurationError when their shapes
/// differ.
LayerWeights weights_of_han(const NetworkLayer& layer, const TensorShape& input, const HanNetLayer& source) {
  const ConvolutionShape& shape = source.shape;
  const Extents extents = extents_of(layer, input);
  const Extents theirs = {shape.outputs, shape.kernel_height, shape.kernel_width, shape.inputs};
  if (is_recurrent(layer.kind) || extents != theirs) {
    refuse_layer(layer,
                 fmt::format("takes weights [{}] (outputs, kernel, inputs), those of '{}' are [{}]",
                             fmt::join(extents, ", "), shape.name, fmt::join(theirs, ", ")),
                 "a layer of the same shape");
  }
  LayerWeights weights;
  weights.values.assign(shape.weights(), 0.0F);
  weights.bias = source.biases;
  weights.codebook = source.codebook;
  const std::size_t kernel = std::size_t{shape.kernel_height} * shape.kernel_width;
  for (std::size_t i = 0; i < source.positions.size(); ++i) {
    const std::size_t offset = source.positions[i] % kernel;
    const std::size_t plane = source.positions[i] / kernel;
    const std::size_t output = plane / shape.inputs;
    weights.values[(output * kernel + offset) * shape.inputs + plane % shape.inputs] =
        source.codebook[source.codes[i]];
  }
  return weights;
}

/// The weights of a fully connected layer or 1x1 convolution from a trace.
LayerWeights weights_of_trace(const NetworkLayer& layer, const TensorShape& input) {
  const Trace trace = read_trace(layer.weight_source.trace.resolved);
  const Extents extents = extents_of(layer, input);
  if (is_recurrent(layer.kind) || extents[1] * extents[2] != 1 || trace.matrix.rows != extents[0] ||
      trace.inputs() != extents[3]) {
    refuse_layer(layer,
                 fmt::format("takes weights [{}] (outputs, kernel, inputs), the trace is [{}, {}]",
                             fmt::join(extents, ", "), trace.matrix.rows, trace.inputs()),
                 "a trace of the same shape; fully connected layers and 1x1 convolutions");
  }
  LayerWeights weights;
  weights.codebook = trace.codebook;
  weights.values.assign(extents[0] * extents[3], 0.0F);
  weights.bias.assign(trace.has_bias ? extents[0] : 0, 0.0F);
  for (std::uint32_t column = 0; column < trace.matrix.columns; ++column) {
    for (std::uint64_t i = trace.matrix.column_starts[column]; i < trace.matrix.column_starts[column + 1U];
         ++i) {
      const float value = trace.codebook[trace.matrix.codes[i]];
      const std::size_t row = trace.matrix.row_indices[i];
      (column < extents[3] ? weights.values[row * extents[3] + column] : weights.bias[row]) = value;
    }
  }
  return weights;
}

/// Scale and offset of a batch normalisation of `channels` channels.
LayerWeights batch_normalization_weights(const NetworkLayer& layer, std::uint32_t channels) {
  const BatchNormalizationSource& source = layer.batch_normalization;
  const std::vector<float> gamma = channel_values(source.gamma, channels, 1.0F);
  const std::vector<float> beta = channel_values(source.beta, channels, 0.0F);
  const std::vector<float> mean = read_vector_npy(source.mean.resolved, channels);
  const std::vector<float> variance = read_vector_npy(source.variance.resolved, channels);
  LayerWeights weights;
  for (std::size_t c = 0; c < channels; ++c) {
    const double spread = static_cast<double>(variance[c]) + source.epsilon;
    if (spread <= 0.0) {
      throw InputDataError({source.variance.resolved, 0, ""},
                           fmt::format("channel {} has no positive variance", c),
                           "variances that are positive together with epsilon");
    }
    const double scale = static_cast<double>(gamma[c]) / std::sqrt(spread);
    weights.scale.push_back(static_cast<float>(scale));
    weights.offset.push_back(
        static_cast<float>(static_cast<double>(beta[c]) - scale * static_cast<double>(mean[c])));
  }
  return weights;
}

void add_gates(const NetworkLayer& layer, const TensorShape& input, LayerWeights& weights) {
  const GateSource& source = *layer.gates;
  weights.gate_values = to_floats(read_shaped(source.npy.resolved, {layer.outputs(), input.channels}));
  weights.gate_bias = read_vector_npy(source.bias.resolved, layer.outputs());
  weights.gate_mean = channel_values(source.mean, layer.outputs(), 0.0F);
}

/// FNV-1a: layers of one seed differ by their names.
std::uint64_t hash_of(const std::string& name) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return hash;
}

/// Bell-shaped with mean 0 and deviation 1: twelve uniform numbers less six.
double bell(RandomStream& stream) {
  double sum = -6.0;
  for (int i = 0; i < 12; ++i) {
    sum += std::ldexp(static_cast<double>(stream.next()), -32);
  }
  return sum;
}

std::vector<float> random_values(const NetworkLayer& layer, std::uint64_t seed, std::uint64_t purpose,
                                 std::size_t rows, std::size_t columns) {
  const GenerateWeights& options = *layer.weight_source.generate;
  const double kept = std::max(1.0, options.density * static_cast<double>(columns));
  const double deviation = std::sqrt(2.0 / kept);
  const auto threshold = static_cast<std::uint64_t>(std::ldexp(options.density, 32));
  std::vector<float> values;
  values.reserve(rows * columns);
  for (std::size_t row = 0; row < rows; ++row) {
    RandomStream positions(seed + purpose, StreamPurpose::row_positions, hash_of(layer.name) + row);
    RandomStream numbers(seed + purpose, StreamPurpose::weight_codes, hash_of(layer.name) + row);
    for (std::size_t column = 0; column < columns; ++column) {
      const double value = deviation * bell(numbers);
      values.push_back(positions.next() < threshold ? static_cast<float>(value) : 0.0F);
    }
  }
  return values;
}

/// Random weights, bell-shaped, of a deviation that keeps the scale of activations from layer to layer
/// (He et al. 2015: sqrt(2 / nonzero inputs)); positions and values depend on the seed and the layer's name.
LayerWeights generated_weights(const NetworkLayer& layer, const TensorShape& input, std::uint64_t run_seed) {
  const std::uint64_t seed = layer.weight_source.generate->seed.value_or(run_seed);
  const std::size_t rows = std::size_t{layer.outputs()} * gates_of(layer.kind);
  LayerWeights weights;
  weights.values = random_values(layer, seed, 0, rows, weight_count(layer, input) / rows);
  if (is_recurrent(layer.kind)) {
    weights.recurrent = random_values(layer, seed, 1, rows, layer.outputs());
  }
  if (layer.weight_source.generate->bias) {
    RandomStream stream(seed + 2, StreamPurpose::weight_codes, hash_of(layer.name));
    for (std::size_t row = 0; row < rows; ++row) {
      weights.bias.push_back(static_cast<float>(0.05 * bell(stream)));
    }
    for (std::size_t row = 0; row < layer.outputs() && layer.reset_after; ++row) {
      weights.recurrent_bias.push_back(static_cast<float>(0.05 * bell(stream)));
    }
  }
  return weights;
}

/// Loads the layers of one network; reads a `.net` file once.
class WeightLoader {
 public:
  explicit WeightLoader(std::uint64_t seed) : seed_(seed) {}

  LayerWeights load(const NetworkLayer& layer, const TensorShape& input) {
    LayerWeights weights = weights_of(layer, input);
    if (layer.gates) {
      for (const FilePath* file : {&layer.gates->npy, &layer.gates->bias, &layer.gates->mean}) {
        add(*file);
      }
      add_gates(layer, input, weights);
    }
    return weights;
  }

  LayerWeights attention(const NetworkLayer& layer, std::size_t channels) {
    const AggregationSource& source = layer.aggregation;
    LayerWeights weights;
    if (source.generate) {
      const std::size_t rows = attention_rows(source.attention);
      const double deviation = std::sqrt(static_cast<double>(source.heads) / static_cast<double>(channels));
      RandomStream stream(seed_, StreamPurpose::weight_codes, hash_of(layer.name));
      for (std::size_t i = 0; i < rows * channels; ++i) {
        weights.values.push_back(static_cast<float>(deviation * bell(stream)));
      }
    } else if (!source.npy.empty()) {
      add(source.npy);
      weights.values = to_floats(
          read_shaped(source.npy.resolved, {attention_rows(source.attention), std::uint64_t{channels}}));
    }
    if (!source.bias.empty()) {
      add(source.bias);
      weights.bias = read_vector_npy(source.bias.resolved, channels);
    }
    return weights;
  }

  std::shared_ptr<const Graph> graph(const GraphSource& source, std::uint32_t nodes) {
    if (graph_ == nullptr || graph_->nodes() != nodes) {
      add(source.edges);
      graph_ = std::make_shared<const Graph>(load_graph(source, nodes));
    }
    return graph_;
  }

  std::vector<std::string> take_files() { return std::move(files_); }

 private:
  LayerWeights weights_of(const NetworkLayer& layer, const TensorShape& input) {
    const WeightSource& source = layer.weight_source;
    if (layer.kind == LayerKind::batch_normalization) {
      const BatchNormalizationSource& files = layer.batch_normalization;
      for (const FilePath* file : {&files.gamma, &files.beta, &files.mean, &files.variance}) {
        add(*file);
      }
      return batch_normalization_weights(layer, input.channels);
    }
    for (const FilePath* file : {&source.npy, &source.recurrent, &source.bias, &source.recurrent_bias,
                                 &source.state, &source.cell, &source.han_net, &source.trace}) {
      add(*file);
    }
    if (!source.han_net.empty()) {
      const std::string& name = source.layer.empty() ? layer.name : source.layer;
      return weights_of_han(layer, input, find_han_net_layer(han_net(source.han_net.resolved), name));
    }
    if (!source.trace.empty()) {
      return weights_of_trace(layer, input);
    }
    return source.generate ? generated_weights(layer, input, seed_) : weights_of_npy(layer, input);
  }

  void add(const FilePath& file) {
    if (!file.empty() && std::find(files_.begin(), files_.end(), file.resolved) == files_.end()) {
      files_.push_back(file.resolved);
    }
  }

  const std::vector<HanNetLayer>& han_net(const std::string& path) {
    const auto found = han_nets_.find(path);
    return found != han_nets_.end()
               ? found->second
               : han_nets_.emplace(path, read_han_net(path, squeezenet_shapes())).first->second;
  }

  const std::uint64_t seed_;
  std::map<std::string, std::vector<HanNetLayer>> han_nets_;
  std::vector<std::string> files_;
  std::shared_ptr<const Graph> graph_;
};

}  // namespace

std::vector<std::string> load_weights(Network& network, std::uint64_t seed) {
  WeightLoader loader(seed);
  for (NetworkLayer& layer : network.layers) {
    if (layer.kind == LayerKind::aggregation && layer.weights == nullptr) {
      const TensorShape& input = network.input_of(layer).shape;
      layer.weights = std::make_shared<const LayerWeights>(loader.attention(layer, input.channels));
      layer.graph = loader.graph(*network.graph, input.height);
    }
    const bool needs = has_weights(layer.kind) || layer.kind == LayerKind::batch_normalization;
    if (needs && layer.weights == nullptr) {
      layer.weights = std::make_shared<const LayerWeights>(loader.load(layer, network.input_of(layer).shape));
    }
  }
  return loader.take_files();
}

}  // namespace lacuna

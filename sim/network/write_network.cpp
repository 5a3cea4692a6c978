#include "sim/network/write_network.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "models/common/large_pages.h"
#include "models/common/parallel_for.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/files/output_file.h"

namespace lacuna {
namespace {

/// A text as YAML and JSON both take it.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const char* activation_name(Activation activation) {
  switch (activation) {
    case Activation::relu:
      return "relu";
    case Activation::relu6:
      return "relu6";
    case Activation::none:
      break;
  }
  return "none";
}

/// Writes the files of one network.
class NetworkWriter {
 public:
  NetworkWriter(const Network& network, const std::string& folder) : network_(network), folder_(folder) {}

  void write(const std::optional<DataDescription>& data, const std::optional<NetworkSource>& source,
             std::size_t threads) {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (!std::filesystem::is_directory(folder_, error)) {
      throw InputDataError({folder_.string(), 0, ""}, "cannot be made", "a folder in a writable one");
    }
    std::string text = "network:\n";
    text += network_.name.empty() ? "" : "  name: " + quoted(network_.name) + "\n";
    text += graph_text();
    text += "  layers:\n";
    std::vector<std::string> layers(network_.layers.size());
    std::vector<double> sizes;
    for (const NetworkLayer& layer : network_.layers) {
      sizes.push_back(layer.weights ? static_cast<double>(layer.weights->values.size()) : 0.0);
    }
    parallel_each(sizes, threads, [&](std::size_t i) { layers[i] = layer_text(i); });
    for (const std::string& layer : layers) {
      text += "    - {" + layer + "}\n";
    }
    if (data) {
      text += data_text(*data);
    }
    if (source) {
      text += source_text(*source);
    }
    write_file("network.yaml", text);
  }

 private:
  void write_file(const std::string& name, const std::string& content) const {
    const std::string path = (folder_ / name).string();
    PendingFile file(path);
    std::ofstream stream(file.temporary_path(), std::ios::binary);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    if (!stream) {
      throw InputDataError({path, 0, ""}, "cannot be written",
                           "a path in a writable folder with room for it");
    }
    file.commit();
  }

  /// Writes numbers and returns the name of their file.
  std::string numbers(std::size_t position, const char* what, const std::vector<std::uint64_t>& shape,
                      const std::vector<float>& values) const {
    std::string name = fmt::format("{:03}_{}.npy", position, what);
    write_file(name, npy_content(shape, values));
    return name;
  }

  /// The graph's file, as a CSV file of all entries: what was added to the file that it came from is in it.
  std::string graph_text() const {
    for (const NetworkLayer& layer : network_.layers) {
      if (layer.graph == nullptr) {
        continue;
      }
      std::string edges = "u,v\n";
      for (std::size_t node = 0; node < layer.graph->nodes(); ++node) {
        for (std::uint64_t i = layer.graph->starts[node]; i < layer.graph->starts[node + 1]; ++i) {
          edges += fmt::format("{},{}\n", layer.graph->neighbours[i], node);
        }
      }
      write_file("edges.csv", edges);
      return "  graph: {edges: edges.csv, directed: true, self_loops: false, allow_isolated: true}\n";
    }
    return {};
  }

  std::string layer_text(std::size_t position) const {
    const NetworkLayer& layer = network_.layers[position];
    std::string text = "name: " + quoted(layer.name) + ", kind: " + kind_name(layer.kind);
    if (layer.kind == LayerKind::input) {
      return text + fmt::format(", height: {}, width: {}, channels: {}", layer.shape.height,
                                layer.shape.width, layer.shape.channels);
    }
    text += ", inputs: [";
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      text += (i == 0 ? "" : ", ") + quoted(network_.input_of(layer, i).name);
    }
    text += "]";
    if (has_weights(layer.kind)) {
      text += fmt::format(", outputs: {}", layer.outputs());
    }
    text += window_text(layer) + kind_text(layer);
    if (layer.kind == LayerKind::flatten) {
      text += layer.order == FlattenOrder::hwc ? ", order: hwc" : ", order: chw";
    }
    if (layer.activation != Activation::none) {
      text += std::string(", activation: ") + activation_name(layer.activation);
    }
    return text + weights_text(position) + gates_text(position) + aggregation_text(position);
  }

  static std::string window_text(const NetworkLayer& layer) {
    const bool pooling = layer.kind == LayerKind::max_pooling || layer.kind == LayerKind::average_pooling;
    if (layer.kind != LayerKind::convolution && !pooling) {
      return {};
    }
    const Window& w = layer.window;
    std::string text = fmt::format(", kernel_height: {}, kernel_width: {}", w.height, w.width);
    text += w.stride_height == w.stride_width
                ? fmt::format(", stride: {}", w.stride_height)
                : fmt::format(", stride_height: {}, stride_width: {}", w.stride_height, w.stride_width);
    text += padding_text(w);
    if (layer.kind == LayerKind::convolution && layer.groups > 1) {
      text += fmt::format(", groups: {}", layer.groups);
    }
    text += pooling && layer.ceil_mode ? ", ceil_mode: true" : "";
    text += layer.kind == LayerKind::average_pooling && layer.count_padding ? ", count_padding: true" : "";
    return text;
  }

  static std::string padding_text(const Window& w) {
    return fmt::format(", padding_top: {}, padding_bottom: {}, padding_left: {}, padding_right: {}", w.top,
                       w.bottom, w.left, w.right);
  }

  static std::string element_text(const ElementParameters& e) {
    std::string text = std::string(", function: ") + function_name(e.function);
    switch (e.function) {
      case ElementFunction::leaky_relu:
      case ElementFunction::elu:
        text += fmt::format(", alpha: {}", e.alpha);
        break;
      case ElementFunction::hard_sigmoid:
        text += fmt::format(", alpha: {}, beta: {}", e.alpha, e.beta);
        break;
      case ElementFunction::quantise:
      case ElementFunction::quantise_down:
        text += fmt::format(", step: {}, zero_point: {}", e.step, e.zero_point);
        break;
      default:
        break;
    }
    text += e.lower ? fmt::format(", lower: {}", *e.lower) : "";
    return text + (e.upper ? fmt::format(", upper: {}", *e.upper) : "");
  }

  /// The keys that single kinds have beside weights and windows.
  static std::string kind_text(const NetworkLayer& layer) {
    switch (layer.kind) {
      case LayerKind::elementwise:
        return element_text(layer.element);
      case LayerKind::rearrange:
        return fmt::format(", height: {}, width: {}, channels: {}, offset: {}, extents: [{}], strides: [{}]",
                           layer.shape.height, layer.shape.width, layer.shape.channels,
                           layer.rearrangement.offset, fmt::join(layer.rearrangement.extents, ", "),
                           fmt::join(layer.rearrangement.strides, ", "));
      case LayerKind::gru:
        return layer.reset_after ? ", reset_after: true" : "";
      case LayerKind::pad:
        return padding_text(layer.window) + fmt::format(", value: {}", layer.pad_value);
      case LayerKind::local_response_normalization: {
        const ResponseNormalization& n = layer.normalization;
        return fmt::format(", size: {}, alpha: {}, beta: {}, bias: {}", n.size, n.alpha, n.beta, n.bias);
      }
      default:
        return {};
    }
  }

  std::string weights_text(std::size_t position) const {
    const NetworkLayer& layer = network_.layers[position];
    if (layer.kind == LayerKind::batch_normalization) {
      return normalization_text(position);
    }
    if (!has_weights(layer.kind)) {
      return {};
    }
    const LayerWeights& weights = *layer.weights;
    const std::uint64_t rows = std::uint64_t{layer.outputs()} * gates_of(layer.kind);
    std::string text = ", weights: {";
    if (layer.kind == LayerKind::convolution) {
      const std::uint64_t channels = network_.input_of(layer).shape.channels / layer.groups;
      text +=
          "npy: " + numbers(position, "weights", {rows, channels, layer.window.height, layer.window.width},
                            channels_first(layer, channels));
    } else {
      text += "npy: " + numbers(position, "weights", {rows, weights.values.size() / rows}, weights.values);
    }
    if (!weights.recurrent.empty()) {
      text += ", recurrent: " + numbers(position, "recurrent", {rows, layer.outputs()}, weights.recurrent);
    }
    const auto add_list = [&](const char* key, const std::vector<float>& values) {
      text +=
          values.empty() ? "" : fmt::format(", {}: {}", key, numbers(position, key, {values.size()}, values));
    };
    add_list("bias", weights.bias);
    add_list("recurrent_bias", weights.recurrent_bias);
    add_list("state", weights.state);
    add_list("cell", weights.cell);
    return text + "}";
  }

  std::string aggregation_text(std::size_t position) const {
    const NetworkLayer& layer = network_.layers[position];
    if (layer.kind != LayerKind::aggregation) {
      return {};
    }
    const AggregationSource& a = layer.aggregation;
    std::string text = fmt::format(", aggregation: {{attention: {}, reduction: {}",
                                   attention_name(a.attention), reduction_name(a.reduction));
    text += a.heads > 1 ? fmt::format(", heads: {}", a.heads) : "";
    const std::vector<float>& values = layer.weights->values;
    if (!values.empty()) {
      const std::uint64_t channels = layer.shape.channels;
      text += ", npy: " + numbers(position, "attention", {values.size() / channels, channels}, values);
    }
    const std::vector<float>& bias = layer.weights->bias;
    text += bias.empty() ? "" : ", bias: " + numbers(position, "bias", {bias.size()}, bias);
    return text + "}";
  }

  std::string gates_text(std::size_t position) const {
    const NetworkLayer& layer = network_.layers[position];
    if (!layer.gates) {
      return {};
    }
    const LayerWeights& weights = *layer.weights;
    const std::uint64_t rows = layer.outputs();
    return ", gates: {npy: " +
           numbers(position, "gates", {rows, weights.gate_values.size() / rows}, weights.gate_values) +
           ", bias: " + numbers(position, "gate_bias", {rows}, weights.gate_bias) +
           ", mean: " + numbers(position, "gate_mean", {rows}, weights.gate_mean) +
           fmt::format(", winners: {}, lanes: {}}}", layer.gates->winners, layer.gates->lanes);
  }

  /// [outputs, height, width, inputs] as [outputs, inputs, height, width], the order of files.
  static std::vector<float> channels_first(const NetworkLayer& layer, std::uint64_t channels) {
    const std::vector<float>& values = layer.weights->values;
    const std::uint64_t places = std::uint64_t{layer.window.height} * layer.window.width;
    std::vector<float> moved;
    reserve_large(moved, values.size());
    moved.resize(values.size());
    auto next = moved.begin();
    for (std::uint64_t output = 0; output < values.size(); output += channels * places) {
      for (std::uint64_t channel = 0; channel < channels; ++channel) {
        for (std::uint64_t place = 0; place < places; ++place) {
          *next++ = values[output + place * channels + channel];
        }
      }
    }
    return moved;
  }

  /// Scale and offset as the factors and summands of a normalisation of mean 0 and variance 1.
  std::string normalization_text(std::size_t position) const {
    const LayerWeights& weights = *network_.layers[position].weights;
    const std::uint64_t channels = weights.scale.size();
    return ", batch_normalization: {gamma: " + numbers(position, "gamma", {channels}, weights.scale) +
           ", beta: " + numbers(position, "beta", {channels}, weights.offset) +
           ", mean: " + numbers(position, "mean", {channels}, std::vector<float>(channels, 0.0F)) +
           ", variance: " + numbers(position, "variance", {channels}, std::vector<float>(channels, 1.0F)) +
           ", epsilon: 0}";
  }

  std::string file_text(const FilePath& file) const {
    std::error_code error;
    const std::filesystem::path relative = std::filesystem::relative(file.resolved, folder_, error);
    return quoted(error || relative.empty() ? file.resolved : relative.string());
  }

  static std::string source_text(const NetworkSource& source) {
    std::string text = "source:\n";
    const auto add = [&text](const char* key, const std::string& value) {
      text += value.empty() ? "" : fmt::format("  {}: {}\n", key, quoted(value));
    };
    add("model", source.model);
    add("sha256", source.sha256);
    add("input", source.input);
    add("input_shape", source.input_shape);
    add("input_axes", source.input_axes);
    add("output", source.output);
    add("output_axes", source.output_axes);
    add("vanished", source.vanished);
    return text;
  }

  std::string data_text(const DataDescription& data) const {
    std::string text = "data:\n";
    if (!data.matrix.empty()) {
      text += "  matrix: " + file_text(data.matrix) + "\n";
      text += data.normalize_rows ? "  normalize_rows: true\n" : "";
    } else if (!data.npy.empty()) {
      text += "  npy: " + file_text(data.npy) + "\n";
      text += data.layout == ImageLayout::chw ? "  layout: chw\n" : "";
    } else {
      text += "  idx: " + file_text(data.idx) + "\n";
    }
    text += data.labels.empty() ? "" : "  labels: " + file_text(data.labels) + "\n";
    text += data.node_labels.empty() ? "" : "  node_labels: " + file_text(data.node_labels) + "\n";
    text += data.split.empty() ? "" : "  split: " + file_text(data.split) + "\n";
    text += data.part.empty() ? "" : "  part: " + quoted(data.part) + "\n";
    text += data.max_images ? fmt::format("  max_images: {}\n", *data.max_images) : "";
    text += data.scale != 1.0 ? fmt::format("  scale: {}\n", data.scale) : "";
    text += data.offset != 0.0 ? fmt::format("  offset: {}\n", data.offset) : "";
    return text;
  }

  const Network& network_;
  const std::filesystem::path folder_;
};

}  // namespace

void write_network(const Network& network, const std::optional<DataDescription>& data,
                   const std::string& folder, const std::optional<NetworkSource>& source,
                   std::size_t threads) {
  NetworkWriter(network, folder).write(data, source, threads);
}

}  // namespace lacuna

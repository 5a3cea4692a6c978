#include "sim/data/import/han_net.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/joint_codebook.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/npy_import.h"

namespace lacuna {
namespace {

constexpr std::size_t codebook_values = 256;
constexpr std::uint32_t padding_gap = 15;

/// Length of a file in which every weight has an entry: no file is longer.
std::uint64_t most_bytes(const std::vector<ConvolutionShape>& shapes) {
  std::uint64_t bytes = 0;
  for (const ConvolutionShape& shape : shapes) {
    bytes += 4 + 4 * (codebook_values + shape.outputs) + shape.weights() + (shape.weights() + 1) / 2;
  }
  return bytes;
}

class NetReader {
 public:
  NetReader(const std::string& path, const std::vector<ConvolutionShape>& shapes)
      : path_(path), shapes_(shapes), bytes_(read_bytes(path, most_bytes(shapes))) {}

  std::vector<HanNetLayer> read() {
    const std::vector<std::uint64_t> counts = read_counts();
    std::vector<HanNetLayer> layers;
    for (std::size_t i = 0; i < shapes_.size(); ++i) {
      layers.push_back(read_layer(shapes_[i], counts[i]));
    }
    if (position_ != bytes_.size()) {
      fail("", std::to_string(bytes_.size() - position_) + " bytes follow the last layer",
           "a file that ends there, of a network of these shapes");
    }
    return layers;
  }

 private:
  [[noreturn]] void fail(const std::string& layer, const std::string& wrong,
                         const std::string& allowed) const {
    throw InputDataError({path_, 0, layer}, wrong, allowed);
  }

  const unsigned char* take(std::uint64_t count, const std::string& layer, const char* what) {
    if (count > bytes_.size() - position_) {
      fail(layer, std::string("the file ends within the ") + what,
           std::to_string(count) + " bytes from byte " + std::to_string(position_));
    }
    const unsigned char* start = bytes_.data() + position_;
    position_ += count;
    return start;
  }

  std::vector<std::uint64_t> read_counts() {
    std::vector<std::uint64_t> counts;
    for (const ConvolutionShape& shape : shapes_) {
      counts.push_back(little_endian(take(4, shape.name, "header"), 4));
      if (counts.back() > shape.weights()) {
        fail(shape.name, std::to_string(counts.back()) + " stored entries",
             "at most the layer's " + std::to_string(shape.weights()) + " weights");
      }
    }
    return counts;
  }

  std::vector<float> read_floats(std::size_t count, const std::string& layer, const char* what) {
    const unsigned char* start = take(4 * count, layer, what);
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(little_endian_float(start + 4 * i));
      if (!std::isfinite(values.back())) {
        fail(layer, "element " + std::to_string(i) + " of the " + what + " is not a finite number",
             "finite numbers");
      }
    }
    return values;
  }

  HanNetLayer read_layer(const ConvolutionShape& shape, std::uint64_t count) {
    HanNetLayer layer;
    layer.shape = shape;
    layer.stored_entries = count;
    layer.codebook = read_floats(codebook_values, shape.name, "codebook");
    if (layer.codebook[0] != 0.0F) {
      fail(shape.name, "element 0 of the codebook is not 0", "0, the value of padding");
    }
    layer.biases = read_floats(shape.outputs, shape.name, "biases");
    const unsigned char* codes = take(count, shape.name, "codes");
    const unsigned char* gaps = take((count + 1) / 2, shape.name, "gaps");
    decode(layer, codes, gaps);
    return layer;
  }

  void decode(HanNetLayer& layer, const unsigned char* codes, const unsigned char* gaps) const {
    const std::string& name = layer.shape.name;
    std::uint64_t next = 0;  // first position behind the last entry
    for (std::uint64_t i = 0; i < layer.stored_entries; ++i) {
      const std::uint32_t gap = i % 2 == 0 ? gaps[i / 2] & 15U : static_cast<std::uint32_t>(gaps[i / 2]) >> 4;
      const std::uint64_t position = next + gap;
      if (position >= layer.shape.weights()) {
        fail(name, "entry " + std::to_string(i) + " lies at weight " + std::to_string(position),
             "0 to " + std::to_string(layer.shape.weights() - 1));
      }
      next = position + 1;
      if (codes[i] != 0) {
        layer.positions.push_back(static_cast<std::uint32_t>(position));
        layer.codes.push_back(codes[i]);
      } else if (gap == padding_gap) {
        ++layer.padding_entries;
      } else {
        fail(name, "entry " + std::to_string(i) + " has code 0 after " + std::to_string(gap) + " zeros",
             "15 zeros before a padding entry");
      }
    }
    if (layer.stored_entries % 2 == 1 && gaps[layer.stored_entries / 2] >> 4 != 0) {
      fail(name, "the unused half of the last gap byte is not 0", "0");
    }
  }

  const std::string& path_;
  const std::vector<ConvolutionShape>& shapes_;
  std::vector<unsigned char> bytes_;
  std::uint64_t position_ = 0;
};

}  // namespace

std::vector<HanNetLayer> read_han_net(const std::string& path, const std::vector<ConvolutionShape>& shapes) {
  return NetReader(path, shapes).read();
}

const HanNetLayer& find_han_net_layer(const std::vector<HanNetLayer>& layers, const std::string& name) {
  const auto found = std::find_if(layers.begin(), layers.end(),
                                  [&name](const HanNetLayer& each) { return each.shape.name == name; });
  if (found == layers.end()) {
    std::string names;
    for (const HanNetLayer& each : layers) {
      names += (names.empty() ? "" : ", ") + each.shape.name;
    }
    throw ConfigurationError({"", 0, "layer"}, "there is no layer \"" + name + "\"", names);
  }
  return *found;
}

namespace {

/// Dense codes [outputs, columns] in C order, the bias column (if any) still 0.
std::vector<std::uint8_t> dense_codes(const HanNetLayer& layer, std::uint32_t columns) {
  std::vector<std::uint8_t> codes(std::size_t{layer.shape.outputs} * columns, 0);
  for (std::size_t i = 0; i < layer.positions.size(); ++i) {
    const std::uint32_t row = layer.positions[i] / layer.shape.inputs;
    const std::uint32_t column = layer.positions[i] % layer.shape.inputs;
    codes[std::size_t{row} * columns + column] = layer.codes[i];
  }
  return codes;
}

std::vector<std::uint64_t> count_uses(const HanNetLayer& layer) {
  std::vector<std::uint64_t> uses(layer.codebook.size(), 0);
  for (const std::uint8_t code : layer.codes) {
    ++uses[code];
  }
  return uses;
}

/// Recodes the weights and fills the bias column of dense codes [outputs, inputs + 1]; sets codebook and
/// provenance.
void code_biases(const HanNetLayer& layer, std::vector<std::uint8_t>& codes, Trace& trace) {
  JointCodebook joint = join_codebook(layer.codebook, count_uses(layer), layer.biases, layer.codebook.size());
  for (std::uint8_t& code : codes) {
    code = joint.weight_codes[code];
  }
  const std::size_t columns = std::size_t{layer.shape.inputs} + 1;
  for (std::size_t row = 0; row < layer.shape.outputs; ++row) {
    codes[row * columns + layer.shape.inputs] = joint.bias_codes[row];
  }
  trace.codebook = std::move(joint.codebook);
  trace.provenance["bias"] = fmt::format(
      "one codebook with the weights; {} pairs of neighbouring values replaced by their mean", joint.merges);
  trace.provenance["bias_largest_error"] = fmt::format("{:.6e}", joint.largest_bias_error);
  trace.provenance["weight_largest_error"] = fmt::format("{:.6e}", joint.largest_weight_error);
}

}  // namespace

Trace trace_of_pointwise_layer(const HanNetLayer& layer, BiasHandling handling) {
  if (layer.shape.kernel_height != 1 || layer.shape.kernel_width != 1) {
    throw ConfigurationError({"", 0, "layer"},
                             fmt::format("{} has a {}x{} kernel", layer.shape.name, layer.shape.kernel_height,
                                         layer.shape.kernel_width),
                             "a layer with a 1x1 kernel, which is a matrix for each pixel");
  }
  Trace trace;
  trace.name = layer.shape.name;
  trace.codebook = layer.codebook;
  trace.has_bias = handling == BiasHandling::share;
  const std::uint32_t columns = layer.shape.inputs + (trace.has_bias ? 1U : 0U);
  std::vector<std::uint8_t> codes = dense_codes(layer, columns);
  if (trace.has_bias) {
    code_biases(layer, codes, trace);
  } else {
    trace.provenance["bias"] = "left out";
  }
  trace.matrix = compress_columns(codes, layer.shape.outputs, columns);
  return trace;
}

Trace import_han_net(const std::string& path, const std::string& layer_name,
                     const std::string& activations_path, BiasHandling handling) {
  const std::vector<HanNetLayer> layers = read_han_net(path, squeezenet_shapes());
  Trace trace = trace_of_pointwise_layer(find_han_net_layer(layers, layer_name), handling);
  std::uint64_t vanished = 0;
  trace.activations = read_activations_npy(activations_path, trace.inputs(), &vanished);
  record_vanished(trace, "activations", vanished);
  record_source(trace, "weights", path);
  record_source(trace, "activations", activations_path);
  check_trace(trace, path);
  return trace;
}

namespace {

/// A fire module: squeeze to `squeezed` channels, then expand to `expanded` by 1x1 and as many by 3x3 kernels
/// (source: Iandola et al., SqueezeNet, arXiv 1602.07360; names of the Caffe model).
void append_fire(std::vector<ConvolutionShape>& shapes, const std::string& name, std::uint32_t inputs,
                 std::uint32_t squeezed, std::uint32_t expanded) {
  shapes.push_back({name + "/conv1x1_1", squeezed, inputs, 1, 1});
  shapes.push_back({name + "/conv1x1_2", expanded, squeezed, 1, 1});
  shapes.push_back({name + "/conv3x3_2", expanded, squeezed, 3, 3});
}

std::vector<ConvolutionShape> make_shapes() {
  std::vector<ConvolutionShape> shapes = {{"conv1", 96, 3, 7, 7}};
  append_fire(shapes, "fire2", 96, 16, 64);
  append_fire(shapes, "fire3", 128, 16, 64);
  append_fire(shapes, "fire4", 128, 32, 128);
  append_fire(shapes, "fire5", 256, 32, 128);
  append_fire(shapes, "fire6", 256, 48, 192);
  append_fire(shapes, "fire7", 384, 48, 192);
  append_fire(shapes, "fire8", 384, 64, 256);
  append_fire(shapes, "fire9", 512, 64, 256);
  shapes.push_back({"conv_final", 1000, 512, 1, 1});
  return shapes;
}

}  // namespace

const std::vector<ConvolutionShape>& squeezenet_shapes() {
  static const std::vector<ConvolutionShape> shapes = make_shapes();
  return shapes;
}

}  // namespace lacuna

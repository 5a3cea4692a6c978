#include "sim/network/onnx/onnx_node.h"

#include <algorithm>
#include <cmath>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

constexpr std::uint64_t most_elements = std::uint64_t{1} << 30;

/// IEEE half precision.
double half(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31U);
  const auto fraction = static_cast<double>(bits & 1023U);
  const double magnitude = exponent == 31  ? INFINITY
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024.0 + fraction, exponent - 25);
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

class TensorReader {
 public:
  TensorReader(const onnx::TensorProto& tensor, const std::string& path) : tensor_(tensor), path_(path) {}

  OnnxTensor read() {
    if (tensor_.data_location() == onnx::TensorProto::EXTERNAL) {
      fail("lies in another file", "a model with its data inside (onnx.save without external data)");
    }
    for (const std::int64_t dimension : tensor_.dims()) {
      if (dimension < 0 || static_cast<std::uint64_t>(dimension) > most_elements) {
        fail("a dimension of " + std::to_string(dimension), "0 to " + std::to_string(most_elements));
      }
      result_.shape.push_back(static_cast<std::uint64_t>(dimension));
      count_ *= static_cast<std::uint64_t>(dimension);
      if (count_ > most_elements) {
        fail("too many elements", "at most " + std::to_string(most_elements));
      }
    }
    read_elements();
    return result_;
  }

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const {
    throw InputDataError({path_, 0, "tensor " + tensor_.name().substr(0, 64)}, wrong, allowed);
  }

  void read_elements() {
    switch (tensor_.data_type()) {
      case onnx::TensorProto::FLOAT:
        reals(4, tensor_.float_data(),
              [](const unsigned char* item) { return static_cast<double>(little_endian_float(item)); });
        break;
      case onnx::TensorProto::DOUBLE:
        reals(8, tensor_.double_data(), [](const unsigned char* item) { return little_endian_double(item); });
        break;
      case onnx::TensorProto::FLOAT16:
        reals(2, google::protobuf::RepeatedField<double>(),
              [](const unsigned char* item) { return half(little_endian(item, 2)); });
        break;
      case onnx::TensorProto::INT64:
        integers(8, tensor_.int64_data(),
                 [](const unsigned char* item) { return static_cast<std::int64_t>(little_endian(item, 8)); });
        break;
      case onnx::TensorProto::INT32:
        integers(4, tensor_.int32_data(), [](const unsigned char* item) {
          return std::int64_t{static_cast<std::int32_t>(little_endian(item, 4))};
        });
        break;
      default:
        fail("has the type " + onnx::TensorProto_DataType_Name(tensor_.data_type()),
             "FLOAT, DOUBLE, FLOAT16, INT32 or INT64");
    }
  }

  /// Calls take(number) for each element, raw or listed.
  template <class List, class Decode, class Take>
  void elements(std::size_t item_bytes, const List& list, Decode decode, Take take) const {
    const std::string& raw = tensor_.raw_data();
    const std::uint64_t there =
        raw.empty() ? static_cast<std::uint64_t>(list.size()) : raw.size() / item_bytes;
    if (there != count_ || raw.size() % item_bytes != 0) {
      fail("holds " + std::to_string(there) + " elements", "the " + std::to_string(count_) + " of its shape");
    }
    for (std::uint64_t i = 0; i < count_; ++i) {
      if (raw.empty()) {
        take(list[static_cast<int>(i)]);
      } else {
        take(decode(reinterpret_cast<const unsigned char*>(raw.data()) + i * item_bytes));
      }
    }
  }

  template <class List, class Decode>
  void reals(std::size_t item_bytes, const List& list, Decode decode) {
    elements(item_bytes, list, decode, [this](double value) {
      const auto narrow = static_cast<float>(value);
      if (!std::isfinite(narrow)) {
        fail("element " + std::to_string(result_.reals.size()) + " is not a finite float32 number",
             "finite numbers");
      }
      result_.reals.push_back(narrow);
    });
  }

  template <class List, class Decode>
  void integers(std::size_t item_bytes, const List& list, Decode decode) {
    elements(item_bytes, list, decode, [this](std::int64_t value) { result_.integers.push_back(value); });
  }

  const onnx::TensorProto& tensor_;
  const std::string& path_;
  OnnxTensor result_;
  std::uint64_t count_ = 1;
};

}  // namespace

OnnxTensor onnx_tensor(const onnx::TensorProto& tensor, const std::string& path) {
  return TensorReader(tensor, path).read();
}

std::string OnnxNode::name() const {
  std::string name = node_.name().empty() ? output() : node_.name();
  name = name.substr(0, 200);
  for (char& c : name) {
    c = static_cast<unsigned char>(c) < 32 || c == 127 ? '_' : c;
  }
  return name.empty() ? type() : name;
}

void OnnxNode::fail(const std::string& wrong, const std::string& allowed) const {
  throw InputDataError({path_, 0, "node " + name() + " (" + type().substr(0, 64) + ")"}, wrong, allowed);
}

const onnx::AttributeProto* OnnxNode::find(const std::string& attribute,
                                           onnx::AttributeProto::AttributeType type) const {
  for (const onnx::AttributeProto& each : node_.attribute()) {
    if (each.name() == attribute) {
      if (each.type() != type) {
        fail("the attribute " + attribute + " has another type",
             onnx::AttributeProto_AttributeType_Name(type));
      }
      return &each;
    }
  }
  return nullptr;
}

std::int64_t OnnxNode::integer(const std::string& attribute, std::int64_t absent) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::INT);
  return found == nullptr ? absent : found->i();
}

float OnnxNode::real(const std::string& attribute, float absent) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::FLOAT);
  return found == nullptr ? absent : found->f();
}

std::string OnnxNode::text(const std::string& attribute, const std::string& absent) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::STRING);
  return found == nullptr ? absent : found->s();
}

std::vector<std::int64_t> OnnxNode::integers(const std::string& attribute) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::INTS);
  return found == nullptr ? std::vector<std::int64_t>()
                          : std::vector<std::int64_t>(found->ints().begin(), found->ints().end());
}

const onnx::TensorProto* OnnxNode::tensor(const std::string& attribute) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::TENSOR);
  return found == nullptr ? nullptr : &found->t();
}

void OnnxNode::only(const std::string& attribute, std::int64_t absent, std::int64_t allowed) const {
  const std::int64_t value = integer(attribute, absent);
  if (value != allowed) {
    fail(attribute + " is " + std::to_string(value), std::to_string(allowed));
  }
}

void OnnxNode::known(const std::set<std::string>& attributes) const {
  for (const onnx::AttributeProto& each : node_.attribute()) {
    if (attributes.count(each.name()) == 0) {
      std::string all;
      for (const std::string& name : attributes) {
        all += (all.empty() ? "" : ", ") + name;
      }
      fail("the attribute " + each.name().substr(0, 64) + " is not supported", all.empty() ? "none" : all);
    }
  }
}

namespace {

/// Two positive numbers of an attribute, or `absent` twice.
std::vector<std::uint32_t> pair_of(const OnnxNode& node, const char* attribute,
                                   const std::vector<std::int64_t>& values, std::uint32_t absent) {
  if (values.empty()) {
    return {absent, absent};
  }
  if (values.size() != 2 || std::any_of(values.begin(), values.end(), [](std::int64_t v) {
        return v < 1 || v > LayerDescription::max_kernel;
      })) {
    node.fail(std::string(attribute) + " is not that of a plane", "two numbers from 1 to 1024");
  }
  return {static_cast<std::uint32_t>(values[0]), static_cast<std::uint32_t>(values[1])};
}

/// Zeros before and after with which windows of stride cover the input as SAME says.
std::pair<std::uint32_t, std::uint32_t> same_padding(std::uint32_t size, std::uint32_t kernel,
                                                     std::uint32_t stride, bool upper) {
  const std::uint32_t windows = (size + stride - 1) / stride;
  const std::uint32_t covered = (windows - 1) * stride + kernel;
  const std::uint32_t missing = covered > size ? covered - size : 0;
  const std::uint32_t less = missing / 2;
  return upper ? std::pair{less, missing - less} : std::pair{missing - less, less};
}

void set_padding(const OnnxNode& node, const TensorShape& input, Window& window) {
  const std::string automatic = node.text("auto_pad", "NOTSET");
  const std::vector<std::int64_t> pads = node.integers("pads");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    const bool upper = automatic == "SAME_UPPER";
    std::tie(window.top, window.bottom) = same_padding(input.height, window.height, window.stride, upper);
    std::tie(window.left, window.right) = same_padding(input.width, window.width, window.stride, upper);
    return;
  }
  if (automatic != "NOTSET" && automatic != "VALID") {
    node.fail("auto_pad is " + automatic.substr(0, 32), "NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
  if (pads.empty() || automatic == "VALID") {
    return;
  }
  if (pads.size() != 4 || std::any_of(pads.begin(), pads.end(), [](std::int64_t pad) {
        return pad < 0 || pad > LayerDescription::max_kernel;
      })) {
    node.fail("the pads are not those of a plane", "four numbers from 0 to 1024");
  }
  window.top = static_cast<std::uint32_t>(pads[0]);
  window.left = static_cast<std::uint32_t>(pads[1]);
  window.bottom = static_cast<std::uint32_t>(pads[2]);
  window.right = static_cast<std::uint32_t>(pads[3]);
}

}  // namespace

Window onnx_window(const OnnxNode& node, const TensorShape& input, const std::vector<std::int64_t>& kernel) {
  Window window;
  const auto sizes = pair_of(node, "kernel_shape", kernel, 0);
  const auto strides = pair_of(node, "strides", node.integers("strides"), 1);
  const auto dilations = pair_of(node, "dilations", node.integers("dilations"), 1);
  if (sizes[0] == 0) {
    node.fail("kernel_shape is missing", "two numbers");
  }
  if (strides[0] != strides[1]) {
    node.fail("strides of " + std::to_string(strides[0]) + " and " + std::to_string(strides[1]),
              "one stride for both directions");
  }
  if (dilations[0] != 1 || dilations[1] != 1) {
    node.fail("a dilated kernel", "dilations of 1");
  }
  window.height = sizes[0];
  window.width = sizes[1];
  window.stride = strides[0];
  set_padding(node, input, window);
  return window;
}

LayerWeights onnx_lstm_weights(const OnnxNode& node, const OnnxTensor& w, const OnnxTensor& r,
                               const OnnxTensor* b, std::uint32_t hidden) {
  const std::uint64_t rows = std::uint64_t{4} * hidden;
  const bool shapes = w.shape.size() == 3 && r.shape.size() == 3 && w.shape[0] == 1 && r.shape[0] == 1 &&
                      w.shape[1] == rows && r.shape[1] == rows && r.shape[2] == hidden &&
                      w.reals.size() == w.elements() && r.reals.size() == r.elements();
  if (!shapes || (b != nullptr && b->reals.size() != 2 * rows)) {
    node.fail("the shapes of W, R and B contradict hidden_size",
              "[1, 4 hidden, inputs], [1, 4 hidden, hidden], [1, 8 hidden]");
  }
  // ONNX: input, output, forget, cell. Ours: input, forget, cell, output.
  constexpr std::uint64_t source[] = {0, 2, 3, 1};
  LayerWeights weights;
  const auto append = [](std::vector<float>& target, const std::vector<float>& from, std::uint64_t start,
                         std::uint64_t count) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(start);
    target.insert(target.end(), first, first + static_cast<std::ptrdiff_t>(count));
  };
  for (const std::uint64_t gate : source) {
    append(weights.values, w.reals, gate * hidden * w.shape[2], hidden * w.shape[2]);
    append(weights.recurrent, r.reals, gate * hidden * hidden, std::uint64_t{hidden} * hidden);
    for (std::uint64_t i = 0; b != nullptr && i < hidden; ++i) {
      weights.bias.push_back(b->reals[gate * hidden + i] + b->reals[rows + gate * hidden + i]);
    }
  }
  return weights;
}

}  // namespace lacuna

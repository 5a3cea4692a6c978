// Values that depend on constants alone: computed when the model is read, by the same rules.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/onnx/onnx_shapes.h"

namespace lacuna::onnx_folding {
namespace {

using Shape = std::vector<std::uint64_t>;

Shape row_major_strides(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * shape[i];
  }
  return strides;
}

const OnnxTensor& input(const OnnxGraph& graph, const OnnxNode& node, int i) {
  return graph.needed_constant(node, i, "an operand");
}

/// Throws unless there is room for a constant of a shape: a few bytes of a model must not ask for any amount
/// of memory. The largest matrix of VGG-19 has 103 million numbers.
std::uint64_t checked_elements(const OnnxNode& node, const Shape& shape, bool is_real) {
  constexpr std::uint64_t most_bytes = std::uint64_t{480} << 20;
  const std::uint64_t count = onnx_elements(shape, node.path(), node.output());
  const std::uint64_t most = most_bytes / (is_real ? sizeof(float) : sizeof(std::int64_t));
  if (count > most) {
    node.fail(fmt::format("computes a constant of {} elements", count), fmt::format("at most {}", most));
  }
  return count;
}

/// The elements of a tensor at offset + sum of index * strides, for all indices of a shape.
OnnxTensor picked(const OnnxNode& node, const OnnxTensor& from, Shape shape, std::int64_t offset,
                  const std::vector<std::int64_t>& strides) {
  OnnxTensor result;
  result.is_real = from.is_real;
  const std::uint64_t count = checked_elements(node, shape, from.is_real);
  if (from.elements() == 1 && std::all_of(strides.begin(), strides.end(), [](auto s) { return s == 0; })) {
    result.reals.assign(from.is_real ? count : 0, from.is_real ? from.reals.front() : 0.0F);
    result.integers.assign(from.is_real ? 0 : count, from.is_real ? 0 : from.integers.front());
    result.shape = std::move(shape);
    return result;
  }
  result.reals.reserve(from.is_real ? count : 0);
  result.integers.reserve(from.is_real ? 0 : count);
  std::vector<std::uint64_t> index(shape.size(), 0);
  std::int64_t position = offset;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (from.is_real) {
      result.reals.push_back(from.reals[static_cast<std::size_t>(position)]);
    } else {
      result.integers.push_back(from.integers[static_cast<std::size_t>(position)]);
    }
    for (std::size_t k = shape.size(); k-- > 0;) {
      position += strides[k];
      if (++index[k] < shape[k]) {
        break;
      }
      position -= strides[k] * static_cast<std::int64_t>(shape[k]);
      index[k] = 0;
    }
  }
  result.shape = std::move(shape);
  return result;
}

std::vector<std::int64_t> signed_of(const Shape& values) {
  return {values.begin(), values.end()};
}

/// Strides of a tensor that broadcasts to a shape.
std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to) {
  const Shape own = row_major_strides(from);
  std::vector<std::int64_t> strides(to.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t axis = to.size() - from.size() + i;
    strides[axis] = from[i] == 1 ? 0 : static_cast<std::int64_t>(own[i]);
  }
  return strides;
}

OnnxTensor broadcast(const OnnxNode& node, const OnnxTensor& tensor, const Shape& shape) {
  return tensor.shape == shape ? tensor
                               : picked(node, tensor, shape, 0, broadcast_strides(tensor.shape, shape));
}

OnnxTensor with_shape(const OnnxTensor& tensor, Shape shape) {
  OnnxTensor result = tensor;
  result.shape = std::move(shape);
  return result;
}

}  // namespace

void constant(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"value", "value_float", "value_floats", "value_int", "value_ints"});
  if (const onnx::TensorProto* value = node.tensor("value")) {
    graph.define_tensor(node.output(), *value);
  } else if (node.has("value_float")) {
    graph.define(node.output(), OnnxTensor::of_reals({}, {node.real("value_float", 0.0F)}));
  } else if (node.has("value_floats")) {
    std::vector<float> values = node.reals("value_floats");
    graph.define(node.output(), OnnxTensor::of_reals({values.size()}, values));
  } else if (node.has("value_int")) {
    graph.define(node.output(), OnnxTensor::of_integers({}, {node.integer("value_int", 0)}));
  } else if (node.has("value_ints")) {
    const std::vector<std::int64_t> values = node.integers("value_ints");
    graph.define(node.output(), OnnxTensor::of_integers({values.size()}, values));
  } else {
    node.fail("has no number", "the attribute value");
  }
}

void constant_of_shape(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"value"});
  Shape shape;
  for (const std::int64_t extent : input(graph, node, 0).integers) {
    if (extent < 0) {
      node.fail(fmt::format("an extent of {}", extent), "0 or more");
    }
    shape.push_back(static_cast<std::uint64_t>(extent));
  }
  OnnxTensor value = OnnxTensor::of_reals({1}, {0.0F});
  if (const onnx::TensorProto* given = node.tensor("value")) {
    OnnxTensorNotes told;
    value = onnx_tensor(*given, node.path(), told);
    if (value.elements() != 1) {
      node.fail(fmt::format("a value of {} elements", value.elements()), "one number");
    }
  }
  value.shape = {};
  graph.define(node.output(), broadcast(node, value, shape));
}

void pass(OnnxGraph& graph, const OnnxNode& node) {
  graph.alias(node, 0, node.output());
}

namespace {

/// The nearest number of IEEE half precision, halves to the even one.
double half(double value) {
  if (value == 0.0 || !std::isfinite(value)) {
    return value;
  }
  const int exponent = std::max(std::ilogb(value), -14) - 10;
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(value, -exponent)), exponent);
  return std::fabs(rounded) > 65504.0 ? std::copysign(INFINITY, rounded) : rounded;
}

}  // namespace

void cast(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  const auto to = node.integer("to", 0);
  const bool to_real =
      to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::DOUBLE || to == onnx::TensorProto::FLOAT16;
  if (to == onnx::TensorProto::STRING || to == onnx::TensorProto::BFLOAT16) {
    node.fail(to == onnx::TensorProto::STRING ? "casts to text" : "casts to bfloat16",
              "float32, float64, float16, integers or bool");
  }
  OnnxTensor result;
  result.shape = from.shape;
  result.is_real = to_real;
  const std::uint64_t count = checked_elements(node, result.shape, to_real);
  result.reals.reserve(to_real ? count : 0);
  result.integers.reserve(to_real ? 0 : count);
  for (std::uint64_t i = 0; i < from.elements(); ++i) {
    const double value = from.number(i);
    if (to_real) {
      result.reals.push_back(static_cast<float>(to == onnx::TensorProto::FLOAT16 ? half(value) : value));
    } else if (to == onnx::TensorProto::BOOL) {
      result.integers.push_back(value != 0.0 ? 1 : 0);
    } else if (from.is_real) {
      if (!(std::fabs(value) < 9e18)) {
        node.fail("casts a number that no integer holds", "numbers below 2^63");
      }
      result.integers.push_back(static_cast<std::int64_t>(value));
    } else {
      result.integers.push_back(from.integers[i]);
    }
  }
  graph.define(node.output(), std::move(result));
}

void reshape(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"allowzero", "shape", "consumed_inputs"});
  const OnnxTensor& from = input(graph, node, 0);
  graph.define(node.output(), with_shape(from, onnx_reshape_target(graph, node, from.shape)));
}

void flatten(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  graph.define(node.output(), with_shape(from, onnx_flatten_target(node, from.shape)));
}

void squeeze(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  const std::vector<std::size_t> axes = onnx_axes(graph, node, 1, from.shape.size());
  Shape shape;
  for (std::size_t axis = 0; axis < from.shape.size(); ++axis) {
    const bool listed = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (listed && from.shape[axis] != 1) {
      node.fail(fmt::format("squeezes axis {} of {} elements", axis, from.shape[axis]),
                "axes of one element");
    }
    if (!listed && (!axes.empty() || from.shape[axis] != 1)) {
      shape.push_back(from.shape[axis]);
    }
  }
  graph.define(node.output(), with_shape(from, std::move(shape)));
}

void unsqueeze(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  const std::size_t count =
      node.input(1).empty() ? node.integers("axes").size() : input(graph, node, 1).integers.size();
  std::vector<std::size_t> axes = onnx_axes(graph, node, 1, from.shape.size() + count);
  std::sort(axes.begin(), axes.end());
  Shape shape = from.shape;
  for (const std::size_t axis : axes) {
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  }
  graph.define(node.output(), with_shape(from, std::move(shape)));
}

void transpose(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  const Shape own = row_major_strides(from.shape);
  Shape shape;
  std::vector<std::int64_t> strides;
  for (const std::size_t axis : onnx_permutation(node, from.shape.size())) {
    shape.push_back(from.shape[axis]);
    strides.push_back(static_cast<std::int64_t>(own[axis]));
  }
  graph.define(node.output(), picked(node, from, std::move(shape), 0, strides));
}

void slice(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  Shape shape = from.shape;
  std::vector<std::int64_t> strides = signed_of(row_major_strides(shape));
  std::int64_t offset = 0;
  for (const OnnxRange& range : onnx_slices(graph, node, from.shape)) {
    offset += range.count == 0 ? 0 : range.first * strides[range.axis];
    shape[range.axis] = range.count;
    strides[range.axis] *= range.count > 1 ? range.step : 1;
  }
  graph.define(node.output(), picked(node, from, std::move(shape), offset, strides));
}

void gather(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  const OnnxTensor& indices = input(graph, node, 1);
  const std::size_t axis = node.axis(node.integer("axis", 0), from.shape.size());
  const auto middle = from.shape.begin() + static_cast<std::ptrdiff_t>(axis);
  const auto extent = static_cast<std::int64_t>(*middle);
  const std::uint64_t outer =
      std::accumulate(from.shape.begin(), middle, std::uint64_t{1}, std::multiplies<>());
  const std::uint64_t inner =
      std::accumulate(middle + 1, from.shape.end(), std::uint64_t{1}, std::multiplies<>());
  OnnxTensor result;
  result.is_real = from.is_real;
  result.shape.assign(from.shape.begin(), middle);
  result.shape.insert(result.shape.end(), indices.shape.begin(), indices.shape.end());
  result.shape.insert(result.shape.end(), middle + 1, from.shape.end());
  checked_elements(node, result.shape, result.is_real);
  for (std::uint64_t o = 0; o < outer; ++o) {
    for (std::int64_t index : indices.integers) {
      index += index < 0 ? extent : 0;
      if (index < 0 || index >= extent) {
        node.fail(fmt::format("an index beyond axis {} of {} elements", axis, extent), "indices inside");
      }
      const std::uint64_t first =
          (o * static_cast<std::uint64_t>(extent) + static_cast<std::uint64_t>(index)) * inner;
      for (std::uint64_t i = first; i < first + inner; ++i) {
        if (from.is_real) {
          result.reals.push_back(from.reals[i]);
        } else {
          result.integers.push_back(from.integers[i]);
        }
      }
    }
  }
  graph.define(node.output(), std::move(result));
}

void concat(OnnxGraph& graph, const OnnxNode& node) {
  OnnxTensor result;
  result.is_real = input(graph, node, 0).is_real;
  result.shape = input(graph, node, 0).shape;
  const std::size_t axis = node.axis(node.integer("axis", 1), result.shape.size());
  const auto middle = result.shape.begin() + static_cast<std::ptrdiff_t>(axis);
  const std::uint64_t outer =
      std::accumulate(result.shape.begin(), middle, std::uint64_t{1}, std::multiplies<>());
  Shape rest = result.shape;
  rest[axis] = 0;
  result.shape[axis] = 0;
  for (int i = 0; i < node.inputs(); ++i) {
    const OnnxTensor& each = input(graph, node, i);
    Shape shape = each.shape;
    if (axis < shape.size()) {
      result.shape[axis] += shape[axis];
      shape[axis] = 0;
    }
    if (shape != rest || each.is_real != result.is_real) {
      node.fail("joins constants of different shapes or types", "shapes that differ along the axis alone");
    }
  }
  checked_elements(node, result.shape, result.is_real);
  for (std::uint64_t o = 0; o < outer; ++o) {
    for (int i = 0; i < node.inputs(); ++i) {
      const OnnxTensor& each = input(graph, node, i);
      const auto part = static_cast<std::ptrdiff_t>(each.elements() / outer);
      const std::ptrdiff_t first = part * static_cast<std::ptrdiff_t>(o);
      if (each.is_real) {
        result.reals.insert(result.reals.end(), each.reals.begin() + first,
                            each.reals.begin() + first + part);
      } else {
        result.integers.insert(result.integers.end(), each.integers.begin() + first,
                               each.integers.begin() + first + part);
      }
    }
  }
  graph.define(node.output(), std::move(result));
}

void expand(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = input(graph, node, 0);
  Shape asked;
  for (const std::int64_t extent : input(graph, node, 1).integers) {
    asked.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(extent, 0)));
  }
  graph.define(node.output(), broadcast(node, from, onnx_broadcast_shape(node, from.shape, asked)));
}

void range(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& start = input(graph, node, 0);
  if (start.elements() != 1 || input(graph, node, 1).elements() != 1 ||
      input(graph, node, 2).elements() != 1) {
    node.fail("start, limit and delta are no numbers", "one number each");
  }
  const double delta = input(graph, node, 2).number(0);
  const double count = std::ceil((input(graph, node, 1).number(0) - start.number(0)) / delta);
  if (!(delta != 0.0) || !(count < 1e7)) {
    node.fail("counts without end", "a delta that reaches the limit");
  }
  OnnxTensor result;
  result.is_real = start.is_real;
  for (double i = 0; i < count; ++i) {
    const double value = start.number(0) + i * delta;
    if (result.is_real) {
      result.reals.push_back(static_cast<float>(value));
    } else {
      result.integers.push_back(static_cast<std::int64_t>(value));
    }
  }
  result.shape = {result.elements()};
  graph.define(node.output(), std::move(result));
}

void shape(OnnxGraph& graph, const OnnxNode& node) {
  const Shape& all = input(graph, node, 0).shape;
  const auto rank = static_cast<std::int64_t>(all.size());
  const auto clamp = [rank](std::int64_t index) {
    return std::clamp<std::int64_t>(index < 0 ? index + rank : index, 0, rank);
  };
  const std::int64_t start = clamp(node.integer("start", 0));
  const std::int64_t end = std::max(start, clamp(node.integer("end", rank)));
  graph.define(node.output(), OnnxTensor::of_integers({static_cast<std::uint64_t>(end - start)},
                                                      {all.begin() + start, all.begin() + end}));
}

void size(OnnxGraph& graph, const OnnxNode& node) {
  graph.define(node.output(),
               OnnxTensor::of_integers({}, {static_cast<std::int64_t>(input(graph, node, 0).elements())}));
}

namespace {

/// Integer arithmetic that wraps instead of overflowing.
std::int64_t wrapped(std::int64_t a, std::int64_t b, char operation) {
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  return static_cast<std::int64_t>(operation == '+' ? x + y : operation == '-' ? x - y : x * y);
}

double real_result(const OnnxNode& node, double a, double b) {
  const std::string& type = node.type();
  if (type == "Add") {
    return a + b;
  }
  if (type == "Sub") {
    return a - b;
  }
  if (type == "Mul") {
    return a * b;
  }
  if (type == "Div") {
    return a / b;
  }
  if (type == "Pow") {
    return std::pow(a, b);
  }
  return type == "Max" ? std::max(a, b) : std::min(a, b);
}

std::int64_t integer_result(const OnnxNode& node, std::int64_t a, std::int64_t b) {
  const std::string& type = node.type();
  if (type == "Add" || type == "Sub" || type == "Mul") {
    return wrapped(a, b, type == "Add" ? '+' : type == "Sub" ? '-' : '*');
  }
  if (type == "Div") {
    if (b == 0 || (a == INT64_MIN && b == -1)) {
      node.fail("divides integers by 0", "divisors that are not 0");
    }
    return a / b;
  }
  if (type == "Pow") {
    const double power = std::pow(static_cast<double>(a), static_cast<double>(b));
    if (!(std::fabs(power) < 9e15)) {
      node.fail("a power of more than 53 bits", "smaller numbers");
    }
    return static_cast<std::int64_t>(power);
  }
  return type == "Max" ? std::max(a, b) : std::min(a, b);
}

/// Comparisons and logic give integers whatever they compare.
std::optional<bool> truth(const std::string& type, double a, double b) {
  if (type == "Equal") {
    return a == b;
  }
  if (type == "Greater") {
    return a > b;
  }
  if (type == "Less") {
    return a < b;
  }
  if (type == "And") {
    return a != 0.0 && b != 0.0;
  }
  if (type == "Or") {
    return a != 0.0 || b != 0.0;
  }
  return std::nullopt;
}

}  // namespace

void binary(OnnxGraph& graph, const OnnxNode& node) {
  OnnxTensor result = input(graph, node, 0);
  for (int i = 1; i < node.inputs(); ++i) {
    OnnxTensor other = input(graph, node, i);
    if (node.opset() < 7 && node.has("axis") && other.shape.size() < result.shape.size()) {
      const std::size_t axis = node.axis(node.integer("axis", 0), result.shape.size());
      other.shape.resize(std::max(other.shape.size(), result.shape.size() - axis), 1);
    }
    const Shape shape = onnx_broadcast_shape(node, result.shape, other.shape);
    const OnnxTensor a = broadcast(node, result, shape);
    const OnnxTensor b = broadcast(node, other, shape);
    const bool is_truth = truth(node.type(), 0.0, 0.0).has_value();
    result = OnnxTensor();
    result.shape = shape;
    result.is_real = a.is_real && !is_truth;
    for (std::uint64_t k = 0; k < a.elements(); ++k) {
      if (is_truth) {
        result.integers.push_back(*truth(node.type(), a.number(k), b.number(k)) ? 1 : 0);
      } else if (result.is_real) {
        result.reals.push_back(static_cast<float>(real_result(node, a.number(k), b.number(k))));
      } else {
        result.integers.push_back(integer_result(
            node, a.integers[k], b.is_real ? static_cast<std::int64_t>(b.number(k)) : b.integers[k]));
      }
    }
  }
  graph.define(node.output(), std::move(result));
}

void unary(OnnxGraph& graph, const OnnxNode& node) {
  static const std::map<std::string, double (*)(double)> functions = {{"Abs", [](double x) { return std::fabs(x); }},
                                                                      {"Exp", [](double x) { return std::exp(x); }},
                                                                      {"Floor", [](double x) { return std::floor(x); }},
                                                                      {"Neg", [](double x) { return -x; }},
                                                                      {"Not", [](double x) { return x == 0.0 ? 1.0 : 0.0; }},
                                                                      {"Reciprocal", [](double x) { return 1.0 / x; }},
                                                                      {"Relu", [](double x) { return std::max(x, 0.0); }},
                                                                      {"Sqrt", [](double x) { return std::sqrt(x); }}};
  OnnxTensor result = input(graph, node, 0);
  const auto limit = [&](int i, const char* attribute, double absent) {
    return node.input(i).empty() ? static_cast<double>(node.real(attribute, static_cast<float>(absent)))
                                 : input(graph, node, i).number(0);
  };
  const bool is_clip = node.type() == "Clip";
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double low = is_clip ? limit(1, "min", -infinity) : 0.0;
  const double high = is_clip ? limit(2, "max", infinity) : 0.0;
  const auto value = [&](double x) {
    return is_clip ? std::min(std::max(x, low), high) : functions.at(node.type())(x);
  };
  for (float& x : result.reals) {
    x = static_cast<float>(value(static_cast<double>(x)));
  }
  for (std::int64_t& x : result.integers) {
    x = static_cast<std::int64_t>(value(static_cast<double>(x)));
  }
  graph.define(node.output(), std::move(result));
}

void where(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& condition = input(graph, node, 0);
  const OnnxTensor& yes = input(graph, node, 1);
  const OnnxTensor& no = input(graph, node, 2);
  const Shape shape =
      onnx_broadcast_shape(node, onnx_broadcast_shape(node, condition.shape, yes.shape), no.shape);
  const OnnxTensor c = broadcast(node, condition, shape);
  const OnnxTensor a = broadcast(node, yes, shape);
  const OnnxTensor b = broadcast(node, no, shape);
  if (a.is_real != b.is_real) {
    node.fail("chooses between two types", "one type");
  }
  OnnxTensor result;
  result.shape = shape;
  result.is_real = a.is_real;
  for (std::uint64_t i = 0; i < c.elements(); ++i) {
    const OnnxTensor& from = c.number(i) != 0.0 ? a : b;
    if (from.is_real) {
      result.reals.push_back(from.reals[i]);
    } else {
      result.integers.push_back(from.integers[i]);
    }
  }
  graph.define(node.output(), std::move(result));
}

void reduce(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axes", "keepdims", "noop_with_empty_axes"});
  const OnnxTensor& from = input(graph, node, 0);
  std::vector<std::size_t> axes = onnx_axes(graph, node, 1, from.shape.size());
  if (axes.empty() && node.integer("noop_with_empty_axes", 0) == 0) {
    axes.resize(from.shape.size());
    std::iota(axes.begin(), axes.end(), std::size_t{0});
  }
  Shape kept = from.shape;
  Shape shape;
  std::uint64_t count = 1;
  for (std::size_t axis = 0; axis < from.shape.size(); ++axis) {
    const bool goes = std::find(axes.begin(), axes.end(), axis) != axes.end();
    count *= goes ? from.shape[axis] : 1;
    kept[axis] = goes ? 1 : from.shape[axis];
    if (!goes || node.integer("keepdims", 1) != 0) {
      shape.push_back(kept[axis]);
    }
  }
  if (count == 0) {
    node.fail("reduces nothing", "at least one element");
  }
  const std::string& type = node.type();
  // The position of the result for each element.
  OnnxTensor positions;
  positions.shape = kept;
  positions.integers.resize(checked_elements(node, kept, false));
  std::iota(positions.integers.begin(), positions.integers.end(), std::int64_t{0});
  const OnnxTensor targets = broadcast(node, positions, from.shape);
  std::vector<double> results(positions.integers.size());
  std::vector<bool> begun(results.size(), false);
  for (std::uint64_t i = 0; i < from.elements(); ++i) {
    const auto target = static_cast<std::size_t>(targets.integers[i]);
    const double x = from.number(i);
    double& sum = results[target];
    sum = !begun[target]         ? x
          : type == "ReduceProd" ? sum * x
          : type == "ReduceMax"  ? std::max(sum, x)
          : type == "ReduceMin"  ? std::min(sum, x)
                                 : sum + x;
    begun[target] = true;
  }
  OnnxTensor result;
  result.shape = std::move(shape);
  result.is_real = from.is_real;
  for (const double each : results) {
    const double value = type == "ReduceMean" ? each / static_cast<double>(count) : each;
    if (result.is_real) {
      result.reals.push_back(static_cast<float>(value));
    } else {
      if (!(std::fabs(value) < 9e15)) {
        node.fail("a result of more than 53 bits", "smaller numbers");
      }
      result.integers.push_back(static_cast<std::int64_t>(value));
    }
  }
  graph.define(node.output(), std::move(result));
}

void dequantize(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  const OnnxTensor& from = input(graph, node, 0);
  OnnxTensor scale = input(graph, node, 1);
  OnnxTensor zero = node.input(2).empty()
                        ? OnnxTensor::of_integers(scale.shape, std::vector<std::int64_t>(scale.elements(), 0))
                        : input(graph, node, 2);
  if (scale.elements() > 1) {
    const std::size_t axis = node.axis(node.integer("axis", 1), from.shape.size());
    if (scale.shape.size() != 1 || zero.shape != scale.shape || scale.shape[0] != from.shape[axis]) {
      node.fail("scales that do not fit the axis", "one number, or one for each element along the axis");
    }
    scale.shape.resize(from.shape.size() - axis, 1);
    zero.shape = scale.shape;
  } else {
    scale.shape = zero.shape = {};
  }
  const OnnxTensor s = broadcast(node, scale, from.shape);
  const OnnxTensor z = broadcast(node, zero, from.shape);
  OnnxTensor result = OnnxTensor::of_reals(from.shape, {});
  for (std::uint64_t i = 0; i < from.elements(); ++i) {
    result.reals.push_back(static_cast<float>((from.number(i) - z.number(i)) * s.number(i)));
  }
  graph.define(node.output(), std::move(result));
}

}  // namespace lacuna::onnx_folding

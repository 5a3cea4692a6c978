#include "sim/network/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/common/parallel_for.h"
#include "sim/network/aggregation.h"
#include "sim/network/gates.h"
#include "sim/network/recurrent_cell.h"
#include "sim/network/window_pixels.h"

namespace lacuna {

double portable_sigmoid(double x) {
  return 1.0 / (1.0 + portable_exp(-x));
}

double portable_tanh(double x) {
  if (std::fabs(x) < 0.02) {  // where the quotient below loses digits
    const double s = x * x;
    return x * (1.0 - s / 3.0 * (1.0 - s * 0.4 * (1.0 - s * 17.0 / 42.0)));
  }
  const double e = portable_exp(-2.0 * std::fabs(x));
  const double t = (1.0 - e) / (1.0 + e);
  return x < 0.0 ? -t : t;
}

double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // 0.5 <= m < 1
  if (m < 0.70710678118654752440) {
    m *= 2.0;
    --exponent;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), whose argument is below 0.172.
  const double t = (m - 1.0) / (m + 1.0);
  double sum = 0.0;
  for (int term = 12; term >= 0; --term) {
    sum = sum * (t * t) + 1.0 / (2.0 * term + 1.0);
  }
  return 2.0 * t * sum + 0.69314718055994530942 * exponent;
}

namespace {

double quantised_value(const ElementParameters& e, double x) {
  const double scaled = x / e.step + e.zero_point;
  // nearbyint rounds halves to the even integer (the rounding mode is never changed).
  double integer = e.function == ElementFunction::quantise ? std::nearbyint(scaled) : std::floor(scaled);
  integer = e.lower ? std::max(integer, *e.lower) : integer;
  integer = e.upper ? std::min(integer, *e.upper) : integer;
  return (integer - e.zero_point) * e.step;
}

}  // namespace

double element_value(const ElementParameters& e, double x) {
  switch (e.function) {
    case ElementFunction::sigmoid:
      return portable_sigmoid(x);
    case ElementFunction::tanh:
      return portable_tanh(x);
    case ElementFunction::leaky_relu:
      return x < 0.0 ? e.alpha * x : x;
    case ElementFunction::elu:
      return x < 0.0 ? e.alpha * (portable_exp(x) - 1.0) : x;
    case ElementFunction::hard_sigmoid:
      return std::clamp(e.alpha * x + e.beta, 0.0, 1.0);
    case ElementFunction::hard_swish:
      return x * std::clamp(x / 6.0 + 0.5, 0.0, 1.0);
    case ElementFunction::clip:
      x = e.lower ? std::max(x, *e.lower) : x;
      return e.upper ? std::min(x, *e.upper) : x;
    case ElementFunction::softplus:
      return std::max(x, 0.0) + portable_log(1.0 + portable_exp(-std::fabs(x)));
    case ElementFunction::softsign:
      return x / (1.0 + std::fabs(x));
    case ElementFunction::absolute:
      return std::fabs(x);
    case ElementFunction::exponential:
      return portable_exp(x);
    case ElementFunction::quantise:
    case ElementFunction::quantise_down:
      return quantised_value(e, x);
  }
  return x;
}

namespace {

std::vector<float> log_softmax(const std::vector<float>& values) {
  const double largest = static_cast<double>(*std::max_element(values.begin(), values.end()));
  double sum = 0.0;
  for (const float value : values) {
    sum += portable_exp(static_cast<double>(value) - largest);
  }
  const double logarithm = portable_log(sum);
  std::vector<float> result;
  result.reserve(values.size());
  for (const float value : values) {
    result.push_back(static_cast<float>(static_cast<double>(value) - largest - logarithm));
  }
  return result;
}

}  // namespace

std::vector<float> softmax(const std::vector<float>& values) {
  const double largest = static_cast<double>(*std::max_element(values.begin(), values.end()));
  std::vector<double> exponentials;
  double sum = 0.0;
  for (const float value : values) {
    exponentials.push_back(portable_exp(static_cast<double>(value) - largest));
    sum += exponentials.back();
  }
  std::vector<float> result;
  result.reserve(values.size());
  for (const double value : exponentials) {
    result.push_back(static_cast<float>(value / sum));
  }
  return result;
}

namespace {

/// Range of window positions for which coordinate `position * stride + offset - before` lies in 0..size-1.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Range inside(std::size_t windows, std::size_t stride, std::size_t offset, std::size_t before,
             std::size_t size) {
  const std::size_t begin = offset >= before ? 0 : (before - offset + stride - 1) / stride;
  const std::size_t last = size + before;  // exclusive limit of position * stride + offset
  const std::size_t end = last <= offset ? 0 : std::min(windows, (last - offset - 1) / stride + 1);
  return {begin, std::max(begin, end)};
}

/// The values of a tensor, [channel][row][column].
std::vector<float> planes_of(const Tensor& tensor) {
  const std::size_t pixels = tensor.shape.pixels();
  const std::size_t channels = tensor.shape.channels;
  std::vector<float> planes(tensor.values.size());
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      planes[channel * pixels + pixel] = tensor.values[pixel * channels + channel];
    }
  }
  return planes;
}

/// Adds `weight` times each `stride`-th of the values to so many sums.
void add_row(double weight, const float* values, std::size_t stride, std::size_t count, double* sums) {
  if (stride == 1) {  // vector code
    for (std::size_t i = 0; i < count; ++i) {
      sums[i] += weight * static_cast<double>(values[i]);
    }
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    sums[i] += weight * static_cast<double>(values[i * stride]);
  }
}

/// Adds one weight times its channel's plane of the input to every output pixel of a channel plane.
void add_weight(const Window& window, const SparseRows::Weight& weight, const float* input,
                const TensorShape& input_shape, const TensorShape& shape, std::vector<double>& plane) {
  const Range ys = inside(shape.height, window.stride_height, weight.y, window.top, input_shape.height);
  const Range xs = inside(shape.width, window.stride_width, weight.x, window.left, input_shape.width);
  if (xs.begin == xs.end) {
    return;
  }
  const std::size_t input_x = xs.begin * window.stride_width + weight.x - window.left;
  for (std::size_t y = ys.begin; y < ys.end; ++y) {
    const std::size_t input_y = y * window.stride_height + weight.y - window.top;
    add_row(weight.value, input + input_y * input_shape.width + input_x, window.stride_width,
            xs.end - xs.begin, &plane[y * shape.width + xs.begin]);
  }
}

/// Output channels that a thread takes: a line of the cache, so that two threads do not write in one.
constexpr std::size_t channels_at_once = 16;

/// Smaller products are done before another thread has begun.
constexpr double least_shared_products = 1e6;

/// Sums in the order of the weights, so that they round alike whatever the layout.
Tensor product_output(const NetworkLayer& layer, const SparseRows& rows, const Tensor& input,
                      std::size_t threads) {
  Tensor output(layer.shape);
  const std::vector<float> planes = planes_of(input);
  parallel_for({layer.outputs(), channels_at_once, threads}, [&](const ParallelPart& part) {
    std::vector<double> plane;
    for (std::size_t channel = part.begin; channel < part.end; ++channel) {
      plane.assign(layer.shape.pixels(), 0.0);
      for (std::size_t i = rows.starts[channel]; i < rows.starts[channel + 1]; ++i) {
        const SparseRows::Weight& weight = rows.weights[i];
        add_weight(layer.window, weight, planes.data() + weight.channel * input.shape.pixels(), input.shape,
                   layer.shape, plane);
      }
      const double bias =
          layer.weights->bias.empty() ? 0.0 : static_cast<double>(layer.weights->bias[channel]);
      for (std::size_t pixel = 0; pixel < plane.size(); ++pixel) {
        output.values[pixel * layer.outputs() + channel] = static_cast<float>(plane[pixel] + bias);
      }
    }
  });
  return output;
}

/// Weights [column][row].
std::vector<double> columns_of(const NetworkLayer& layer, std::size_t columns) {
  const std::size_t rows = layer.outputs();
  std::vector<double> result(rows * columns);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      result[column * rows + row] = static_cast<double>(layer.weights->values[row * columns + column]);
    }
  }
  return result;
}

/// The same sums for a transform, pixel by pixel, all outputs side by side: zero inputs, most of a graph's
/// features, are left out.
Tensor transform_output(const NetworkLayer& layer, const Tensor& input, std::size_t threads) {
  Tensor output(layer.shape);
  const std::size_t channels = input.shape.channels;
  const std::size_t rows = layer.outputs();
  const std::vector<double> columns = columns_of(layer, channels);
  const std::vector<float>& bias = layer.weights->bias;
  constexpr std::size_t pixels_at_once = 64;
  parallel_for({layer.shape.pixels(), pixels_at_once, threads}, [&](const ParallelPart& part) {
    std::vector<double> sums(rows);
    for (std::size_t pixel = part.begin; pixel < part.end; ++pixel) {
      const float* const values = &input.values[pixel * channels];
      std::fill(sums.begin(), sums.end(), 0.0);
      for (std::size_t c = 0; c < channels; ++c) {
        if (values[c] != 0.0F) {
          const double x = static_cast<double>(values[c]);
          const double* const column = &columns[c * rows];
          for (std::size_t row = 0; row < rows; ++row) {
            sums[row] += column[row] * x;
          }
        }
      }
      for (std::size_t row = 0; row < rows; ++row) {
        const double added = bias.empty() ? 0.0 : static_cast<double>(bias[row]);
        output.values[pixel * rows + row] = static_cast<float>(sums[row] + added);
      }
    }
  });
  return output;
}

Tensor normalized_output(const NetworkLayer& layer, const Tensor& input) {
  Tensor output = input;
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    const std::size_t channel = i % input.shape.channels;
    output.values[i] = output.values[i] * layer.weights->scale[channel] + layer.weights->offset[channel];
  }
  return output;
}

}  // namespace

SparseRows sparse_rows(const NetworkLayer& layer, const TensorShape& input) {
  const std::uint32_t group_inputs = input.channels / layer.groups;
  const std::uint32_t group_outputs = layer.outputs() / layer.groups;
  SparseRows rows;
  auto next = layer.weights->values.begin();
  for (std::uint32_t output = 0; output < layer.outputs(); ++output) {
    const std::uint32_t first = output / group_outputs * group_inputs;
    for (std::uint32_t y = 0; y < layer.window.height; ++y) {
      for (std::uint32_t x = 0; x < layer.window.width; ++x) {
        for (std::uint32_t i = 0; i < group_inputs; ++i, ++next) {
          if (*next != 0.0F) {
            rows.weights.push_back({y, x, first + i, static_cast<double>(*next)});
          }
        }
      }
    }
    rows.starts.push_back(rows.weights.size());
  }
  return rows;
}

Reference::Reference(const Network& network, std::size_t threads) : network_(network), threads_(threads) {
  for (const NetworkLayer& layer : network.layers) {
    const bool product = layer.kind == LayerKind::convolution || layer.kind == LayerKind::fully_connected;
    rows_.push_back(product ? sparse_rows(layer, network.input_of(layer).shape) : SparseRows{});
  }
}

/// At most so many products of a weight and an element.
double Reference::products(std::size_t position) const {
  return static_cast<double>(rows_[position].weights.size()) *
         static_cast<double>(network_.layers[position].shape.pixels());
}

Tensor Reference::layer_output(std::size_t position, const std::vector<Tensor>& outputs) const {
  const NetworkLayer& layer = network_.layers[position];
  const Tensor& input = outputs[layer.inputs[0]];
  const std::size_t threads = products(position) < least_shared_products ? 1 : threads_;
  switch (layer.kind) {
    case LayerKind::convolution:
    case LayerKind::fully_connected:
      return is_transform(layer) ? transform_output(layer, input, threads)
                                 : product_output(layer, rows_[position], input, threads);
    case LayerKind::lstm:
    case LayerKind::gru:
      return recurrent_output(layer, input);
    case LayerKind::batch_normalization:
      return normalized_output(layer, input);
    default:
      break;
  }
  std::vector<const Tensor*> inputs;
  inputs.reserve(layer.inputs.size());
  for (const std::size_t each : layer.inputs) {
    inputs.push_back(&outputs[each]);
  }
  return weightless_output(layer, inputs);
}

void Reference::check_input(const Tensor& input) const {
  if (input.shape != network_.layers.front().shape) {
    throw InputDataError({}, fmt::format("an input of {} for a network that takes {}", input.shape.text(),
                                         network_.layers.front().shape.text()));
  }
}

std::vector<Tensor> Reference::run(const Tensor& input, std::vector<Tensor>* before_gates) const {
  check_input(input);
  return run_behind({input}, before_gates);
}

std::vector<Tensor> Reference::run_behind(std::vector<Tensor> first) const {
  check_input(first.front());
  return run_behind(std::move(first), nullptr);
}

std::vector<Tensor> Reference::run_behind(std::vector<Tensor> outputs,
                                          std::vector<Tensor>* before_gates) const {
  if (before_gates != nullptr) {
    before_gates->assign(network_.layers.size(), Tensor{});
  }
  for (std::size_t i = outputs.size(); i < network_.layers.size(); ++i) {
    const NetworkLayer& layer = network_.layers[i];
    outputs.push_back(layer_output(i, outputs));
    apply(layer.activation, outputs.back().values);
    if (layer.gates) {
      if (before_gates != nullptr) {
        (*before_gates)[i] = outputs.back();
      }
      apply_gates(saliencies(layer, outputs[layer.inputs[0]]), *layer.gates, outputs.back());
    }
  }
  return outputs;
}

namespace {

/// A sum to which a row of a matrix of `width` columns times a vector is added.
double plus_product(double sum, const std::vector<float>& matrix, std::size_t row, const float* vector,
                    std::size_t width) {
  const float* weights = matrix.data() + row * width;
  for (std::size_t i = 0; i < width; ++i) {
    sum += static_cast<double>(weights[i]) * static_cast<double>(vector[i]);
  }
  return sum;
}

double element(const std::vector<float>& values, std::size_t i) {
  return values.empty() ? 0.0 : static_cast<double>(values[i]);
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// One sequence through a cell, step by step.
class RecurrentRun {
 public:
  RecurrentRun(const NetworkLayer& layer, const Tensor& input)
      : layer_(layer), weights_(*layer.weights), input_(input), size_(layer.outputs()), cell_(layer) {}

  Tensor run(Tensor* candidate_states) {
    Tensor output(layer_.shape);
    std::vector<double> sums(4 * size_);
    for (std::size_t step = 0; step < input_.shape.height; ++step) {
      const std::vector<float> state = floats(cell_.state());
      add_gates(step, state, sums);
      if (layer_.kind == LayerKind::gru) {
        const std::vector<float> taken = floats(cell_.candidate_state(sums));
        add_candidate(taken, sums);
        if (candidate_states != nullptr) {
          std::copy(taken.begin(), taken.end(), &candidate_states->at(step, 0, 0));
        }
      }
      cell_.step(sums);
      const std::vector<float> next = floats(cell_.state());
      std::copy(next.begin(), next.end(), &output.at(step, 0, 0));
    }
    return output;
  }

 private:
  /// The sums of inputs and state, for the candidate of a GRU of the inputs alone.
  void add_gates(std::size_t step, const std::vector<float>& state, std::vector<double>& sums) const {
    const std::size_t inputs = input_.shape.channels;
    const float* const values = input_.values.data() + step * inputs;
    for (std::size_t gate = 0; gate < gates_of(layer_.kind); ++gate) {
      const bool joined = sum_of_state(layer_.kind, gate) == gate;
      for (std::size_t row = gate * size_; row < (gate + 1) * size_; ++row) {
        double sum = plus_product(0.0, weights_.values, row, values, inputs);
        sum = joined ? plus_product(sum, weights_.recurrent, row, state.data(), size_) : sum;
        sums[row] = sum + element(weights_.bias, row);
      }
    }
  }

  void add_candidate(const std::vector<float>& taken, std::vector<double>& sums) const {
    for (std::size_t i = 0; i < size_; ++i) {
      sums[3 * size_ + i] = plus_product(0.0, weights_.recurrent, 2 * size_ + i, taken.data(), size_) +
                            element(weights_.recurrent_bias, i);
    }
  }

  const NetworkLayer& layer_;
  const LayerWeights& weights_;
  const Tensor& input_;
  std::size_t size_;
  RecurrentCell cell_;
};

}  // namespace

Tensor recurrent_output(const NetworkLayer& layer, const Tensor& input, Tensor* candidate_states) {
  return RecurrentRun(layer, input).run(candidate_states);
}

namespace {

Tensor pooled(const NetworkLayer& layer, const Tensor& input) {
  const bool average = layer.kind == LayerKind::average_pooling;
  Tensor output(layer.shape);
  std::vector<double> values(layer.outputs());
  for (std::size_t y = 0; y < layer.shape.height; ++y) {
    for (std::size_t x = 0; x < layer.shape.width; ++x) {
      const WindowPixels pixels = window_pixels(layer.window, input.shape, y, x);
      std::fill(values.begin(), values.end(), average ? 0.0 : std::numeric_limits<double>::lowest());
      for (std::size_t py = pixels.top; py < pixels.bottom; ++py) {
        for (std::size_t px = pixels.left; px < pixels.right; ++px) {
          for (std::size_t c = 0; c < values.size(); ++c) {
            const double value = static_cast<double>(input.at(py, px, c));
            values[c] = average ? values[c] + value : std::max(values[c], value);
          }
        }
      }
      const double count = static_cast<double>(layer.count_padding ? pixels.padded_count : pixels.count());
      for (std::size_t c = 0; c < values.size(); ++c) {
        output.at(y, x, c) = static_cast<float>(average ? values[c] / count : values[c]);
      }
    }
  }
  return output;
}

Tensor averaged(const Tensor& input) {
  Tensor output(TensorShape{1, 1, input.shape.channels});
  for (std::size_t c = 0; c < input.shape.channels; ++c) {
    double sum = 0.0;
    for (std::size_t i = c; i < input.values.size(); i += input.shape.channels) {
      sum += static_cast<double>(input.values[i]);
    }
    output.values[c] = static_cast<float>(sum / static_cast<double>(input.shape.pixels()));
  }
  return output;
}

Tensor joined(LayerKind kind, const std::vector<const Tensor*>& inputs) {
  Tensor output = *inputs.front();
  for (std::size_t k = 1; k < inputs.size(); ++k) {
    for (std::size_t i = 0; i < output.values.size(); ++i) {
      const float other = inputs[k]->values[i];
      output.values[i] = kind == LayerKind::add ? output.values[i] + other : output.values[i] * other;
    }
  }
  return output;
}

Tensor padded(const NetworkLayer& layer, const Tensor& input) {
  Tensor output(layer.shape);
  std::fill(output.values.begin(), output.values.end(), static_cast<float>(layer.pad_value));
  for (std::size_t y = 0; y < input.shape.height; ++y) {
    const auto row = input.values.begin() + static_cast<std::ptrdiff_t>(input.index(y, 0, 0));
    std::copy(row, row + static_cast<std::ptrdiff_t>(std::size_t{input.shape.width} * input.shape.channels),
              output.values.begin() +
                  static_cast<std::ptrdiff_t>(output.index(y + layer.window.top, layer.window.left, 0)));
  }
  return output;
}

Tensor response_normalized(const NetworkLayer& layer, const Tensor& input) {
  const ResponseNormalization& n = layer.normalization;
  const std::size_t channels = input.shape.channels;
  Tensor output = input;
  for (std::size_t i = 0; i < input.values.size(); ++i) {
    const std::size_t channel = i % channels;
    const std::size_t before = std::min<std::size_t>(channel, (n.size - 1) / 2);
    const std::size_t behind = std::min<std::size_t>(channels - 1 - channel, n.size / 2);
    double sum = 0.0;
    for (std::size_t k = i - before; k <= i + behind; ++k) {
      sum += static_cast<double>(input.values[k]) * static_cast<double>(input.values[k]);
    }
    const double base = n.bias + n.alpha / n.size * sum;
    output.values[i] =
        static_cast<float>(static_cast<double>(input.values[i]) * portable_exp(-n.beta * portable_log(base)));
  }
  return output;
}

/// A function of the channels at each pixel.
Tensor by_pixel(const Tensor& input, std::vector<float> (*function)(const std::vector<float>&)) {
  Tensor output = input;
  for (std::size_t pixel = 0; pixel < input.shape.pixels(); ++pixel) {
    const auto first = output.values.begin() + static_cast<std::ptrdiff_t>(pixel * input.shape.channels);
    const std::vector<float> values = function({first, first + input.shape.channels});
    std::copy(values.begin(), values.end(), first);
  }
  return output;
}

}  // namespace

void apply(Activation activation, std::vector<float>& values) {
  if (activation == Activation::none) {
    return;
  }
  for (float& value : values) {
    value = std::max(value, 0.0F);
    value = activation == Activation::relu6 ? std::min(value, 6.0F) : value;
  }
}

Tensor weightless_output(const NetworkLayer& layer, const std::vector<const Tensor*>& inputs) {
  const Tensor& input = *inputs.front();
  switch (layer.kind) {
    case LayerKind::max_pooling:
    case LayerKind::average_pooling:
      return pooled(layer, input);
    case LayerKind::global_average_pooling:
      return averaged(input);
    case LayerKind::add:
    case LayerKind::multiply:
      return joined(layer.kind, inputs);
    case LayerKind::rearrange:
      return rearranged(layer, input);
    case LayerKind::pad:
      return padded(layer, input);
    case LayerKind::softmax:
      return by_pixel(input, softmax);
    case LayerKind::log_softmax:
      return by_pixel(input, log_softmax);
    case LayerKind::local_response_normalization:
      return response_normalized(layer, input);
    case LayerKind::concat:
      return concatenated(layer.shape, inputs);
    case LayerKind::flatten:
      return flattened(layer, input);
    case LayerKind::aggregation:
      return aggregated_output(layer, input);
    default:
      break;
  }
  Tensor output = input;
  if (layer.kind == LayerKind::elementwise) {
    const auto of_zero = static_cast<float>(element_value(layer.element, 0.0));  // most features are 0
    for (float& value : output.values) {
      value = value == 0.0F && !std::signbit(value)
                  ? of_zero
                  : static_cast<float>(element_value(layer.element, static_cast<double>(value)));
    }
  } else if (layer.kind == LayerKind::relu || layer.kind == LayerKind::relu6) {
    apply(layer.kind == LayerKind::relu ? Activation::relu : Activation::relu6, output.values);
  }
  return output;
}

}  // namespace lacuna

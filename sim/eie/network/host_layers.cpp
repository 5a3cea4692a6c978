#include "sim/eie/network/host_layers.h"

#include <algorithm>
#include <limits>

#include "sim/eie/network/lowered_aggregation.h"
#include "sim/network/reference.h"
#include "sim/network/window_pixels.h"

namespace lacuna {
namespace {

__extension__ using Wide = __int128;

/// sum / count in the output's format, to the nearest, halves up.
std::int32_t average(std::int64_t sum, std::size_t count, const FixedFormat& from, const FixedFormat& to) {
  // Beyond this shift every sum but 0 is clipped, or nothing is left of it.
  constexpr int far = 62;
  const int shift = std::clamp(to.fraction_bits() - from.fraction_bits(), -far, far);
  const Wide numerator = Wide{sum} * (std::int64_t{1} << std::max(shift, 0));
  const Wide denominator = Wide{static_cast<std::int64_t>(count)} * (std::int64_t{1} << std::max(-shift, 0));
  const Wide twice = 2 * numerator + denominator;
  const Wide by = 2 * denominator;
  const Wide raw = twice >= 0 ? twice / by : -((-twice + by - 1) / by);
  const auto clipped = std::clamp<Wide>(raw, to.min_raw(), to.max_raw());
  return static_cast<std::int32_t>(clipped);
}

RawTensor pooled(const NetworkLayer& layer, const FormattedTensor& input, const FixedFormat& format) {
  const bool averages = layer.kind == LayerKind::average_pooling;
  RawTensor output(layer.shape);
  for (std::size_t y = 0; y < layer.shape.height; ++y) {
    for (std::size_t x = 0; x < layer.shape.width; ++x) {
      const WindowPixels pixels = window_pixels(layer.window, input.tensor->shape, y, x);
      const std::size_t count = layer.count_padding ? pixels.padded_count : pixels.count();
      for (std::size_t c = 0; c < layer.outputs(); ++c) {
        std::int64_t sum = 0;
        std::int32_t largest = std::numeric_limits<std::int32_t>::min();
        for (std::size_t py = pixels.top; py < pixels.bottom; ++py) {
          for (std::size_t px = pixels.left; px < pixels.right; ++px) {
            const std::int32_t value = input.tensor->at(py, px, c);
            sum += value;
            largest = std::max(largest, value);
          }
        }
        output.at(y, x, c) =
            averages ? average(sum, count, input.format, format)
                     : to_format(largest, input.format.fraction_bits(), format, Rounding::nearest);
      }
    }
  }
  return output;
}

RawTensor averaged(const FormattedTensor& input, const FixedFormat& format) {
  const RawTensor& tensor = *input.tensor;
  RawTensor output(TensorShape{1, 1, tensor.shape.channels});
  for (std::size_t c = 0; c < tensor.shape.channels; ++c) {
    std::int64_t sum = 0;
    for (std::size_t i = c; i < tensor.values.size(); i += tensor.shape.channels) {
      sum += tensor.values[i];
    }
    output.values[c] = average(sum, tensor.shape.pixels(), input.format, format);
  }
  return output;
}

RawTensor added(const std::vector<FormattedTensor>& inputs, const FixedFormat& format, Rounding rounding) {
  // On the finest grid among the inputs, or on one so fine that what is rounded away does not show.
  int fraction = inputs.front().format.fraction_bits();
  for (const FormattedTensor& input : inputs) {
    fraction = std::max(fraction, input.format.fraction_bits());
  }
  fraction = std::min(fraction, finest_sum_grid(format));
  RawTensor output(inputs.front().tensor->shape);
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    Wide sum = 0;
    for (const FormattedTensor& input : inputs) {
      sum += scaled_by_shift(input.tensor->values[i], fraction - input.format.fraction_bits(),
                             Rounding::nearest);
    }
    constexpr Wide most = Wide{1} << 62;
    const auto held = static_cast<std::int64_t>(std::clamp<Wide>(sum, -most, most));
    output.values[i] = to_format(held, fraction, format, rounding);
  }
  return output;
}

RawTensor multiplied(const std::vector<FormattedTensor>& inputs, const FixedFormat& format,
                     Rounding rounding) {
  FormattedTensor product = inputs.front();
  RawTensor output = *product.tensor;
  for (std::size_t k = 1; k < inputs.size(); ++k) {
    // Each product is rounded once, the last to the output's format.
    const int fraction = product.format.fraction_bits() + inputs[k].format.fraction_bits();
    for (std::size_t i = 0; i < output.values.size(); ++i) {
      output.values[i] =
          to_format(std::int64_t{output.values[i]} * inputs[k].tensor->values[i], fraction, format, rounding);
    }
    product.format = format;
  }
  return output;
}

/// Layers that floating point computes best: softmax, element functions, response normalisation, padding, and
/// batch normalisation that could not be folded.
RawTensor in_floating_point(const NetworkLayer& layer, const FormattedTensor& input,
                            const FixedFormat& format) {
  Tensor real = real_values(*input.tensor, input.format);
  if (layer.kind == LayerKind::batch_normalization) {
    for (std::size_t i = 0; i < real.values.size(); ++i) {
      const std::size_t channel = i % real.shape.channels;
      real.values[i] = real.values[i] * layer.weights->scale[channel] + layer.weights->offset[channel];
    }
    return quantised(real, format);
  }
  return quantised(weightless_output(layer, {&real}), format);
}

}  // namespace

std::int32_t to_format(std::int64_t value, int from_fraction, const FixedFormat& format, Rounding rounding) {
  return static_cast<std::int32_t>(
      saturate(scaled_by_shift(value, format.fraction_bits() - from_fraction, rounding), format));
}

RawTensor quantised(const Tensor& tensor, const FixedFormat& format) {
  RawTensor raw(tensor.shape);
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    if (tensor.values[i] != 0.0F) {
      raw.values[i] = static_cast<std::int32_t>(quantise(static_cast<double>(tensor.values[i]), format));
    }
  }
  return raw;
}

Tensor real_values(const RawTensor& tensor, const FixedFormat& format) {
  Tensor real(tensor.shape);
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    if (tensor.values[i] != 0) {
      real.values[i] = static_cast<float>(to_real(tensor.values[i], format));
    }
  }
  return real;
}

void apply(Activation activation, const FixedFormat& format, std::vector<std::int32_t>& values) {
  if (activation == Activation::none) {
    return;
  }
  const auto six = static_cast<std::int32_t>(quantise(6.0, format));
  for (std::int32_t& value : values) {
    value = std::max(value, 0);
    value = activation == Activation::relu6 ? std::min(value, six) : value;
  }
}

RawTensor host_output(const NetworkLayer& layer, const std::vector<FormattedTensor>& inputs,
                      const FixedFormat& output, Rounding rounding) {
  const FormattedTensor& input = inputs.front();
  switch (layer.kind) {
    case LayerKind::max_pooling:
    case LayerKind::average_pooling:
      return pooled(layer, input, output);
    case LayerKind::global_average_pooling:
      return averaged(input, output);
    case LayerKind::add: {
      RawTensor sum = added(inputs, output, rounding);
      apply(layer.activation, output, sum.values);
      return sum;
    }
    case LayerKind::multiply:
      return multiplied(inputs, output, rounding);
    case LayerKind::rearrange:
      return rearranged(layer, *input.tensor);
    case LayerKind::concat: {
      std::vector<const RawTensor*> tensors;
      tensors.reserve(inputs.size());
      for (const FormattedTensor& each : inputs) {
        tensors.push_back(each.tensor);
      }
      return concatenated(layer.shape, tensors);
    }
    case LayerKind::flatten:
      return flattened(layer, *input.tensor);
    case LayerKind::relu:
    case LayerKind::relu6: {
      RawTensor result = *input.tensor;
      for (std::int32_t& value : result.values) {
        value = to_format(value, input.format.fraction_bits(), output, rounding);
      }
      apply(layer.kind == LayerKind::relu ? Activation::relu : Activation::relu6, output, result.values);
      return result;
    }
    default: {
      RawTensor result = in_floating_point(layer, input, output);
      apply(layer.activation, output, result.values);
      return result;
    }
  }
}

namespace {

/// Operations of an element function on one element; a division counts as a multiplication.
HostWork element_work(const ElementParameters& element) {
  switch (element.function) {
    case ElementFunction::sigmoid:
      return {1, 1, 0, 1};
    case ElementFunction::tanh:
      return {2, 1, 0, 1};
    case ElementFunction::leaky_relu:
      return {0, 1, 1, 0};
    case ElementFunction::elu:
      return {1, 1, 1, 1};
    case ElementFunction::hard_sigmoid:
      return {1, 1, 2, 0};
    case ElementFunction::hard_swish:
      return {1, 2, 2, 0};
    case ElementFunction::clip:
      return {0, 0, std::uint64_t{element.lower ? 1U : 0U} + (element.upper ? 1U : 0U), 0};
    case ElementFunction::softplus:
      return {1, 0, 0, 2};  // a logarithm counts as an exponential
    case ElementFunction::softsign:
      return {1, 1, 0, 0};
    case ElementFunction::absolute:
      return {0, 0, 1, 0};
    case ElementFunction::exponential:
      return {0, 0, 0, 1};
    case ElementFunction::quantise:
    case ElementFunction::quantise_down:
      return {2, 2, 2, 0};
  }
  return {};
}

}  // namespace

HostWork host_work(const NetworkLayer& layer, const std::vector<TensorShape>& inputs) {
  HostWork work;
  const std::uint64_t outputs = layer.shape.elements();
  const std::uint64_t window = std::uint64_t{layer.window.height} * layer.window.width;
  switch (layer.kind) {
    case LayerKind::max_pooling:
      work.comparisons = outputs * (window - 1);
      break;
    case LayerKind::average_pooling:
      work.additions = outputs * (window - 1);
      work.multiplications = outputs;
      break;
    case LayerKind::global_average_pooling:
      work.additions = inputs.front().elements() - outputs;
      work.multiplications = outputs;
      break;
    case LayerKind::add:
      work.additions = outputs * (inputs.size() - 1);
      break;
    case LayerKind::relu:
    case LayerKind::relu6:
      work.comparisons = outputs;
      break;
    case LayerKind::multiply:
      work.multiplications = outputs * (inputs.size() - 1);
      break;
    case LayerKind::elementwise: {
      const HostWork each = element_work(layer.element);
      work = {each.additions * outputs, each.multiplications * outputs, each.comparisons * outputs,
              each.exponentials * outputs};
      break;
    }
    case LayerKind::local_response_normalization: {
      // A power is a logarithm, a product and an exponential.
      const std::uint64_t size = layer.normalization.size;
      work = {outputs * size, outputs * (size + 3), 0, outputs * 2};
      break;
    }
    case LayerKind::aggregation:
      work = aggregation_work(layer);
      break;
    case LayerKind::log_softmax:
      work = {3 * outputs, 0, outputs, outputs};
      break;
    case LayerKind::softmax:
      work = {2 * outputs, outputs, outputs, outputs};
      break;
    case LayerKind::batch_normalization:
      work.additions = outputs;
      work.multiplications = outputs;
      break;
    default:
      break;
  }
  work.comparisons += layer.activation == Activation::none ? 0 : outputs;
  return work;
}

}  // namespace lacuna

#include "tests/models/tomato/plain_maps.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace lacuna::test::plain {
namespace {

/// value(y, x, channel) everywhere.
template <class F>
RealMap filled(const tomato::MapShape& shape, F&& value) {
  RealMap map{shape, {}};
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    for (std::uint32_t x = 0; x < shape.width; ++x) {
      for (std::uint32_t channel = 0; channel < shape.channels; ++channel) {
        map.values.push_back(value(y, x, channel));
      }
    }
  }
  return map;
}

tomato::MapShape output_shape(const WindowedMap& windows, std::uint32_t channels) {
  const tomato::MapShape& input = windows.input.shape;
  return {windows.window.output_height(input.height), windows.window.output_width(input.width), channels};
}

const Real& at(const RealMap& map, std::size_t row, std::size_t column, std::size_t channel) {
  return map.values[(row * map.shape.width + column) * map.shape.channels + channel];
}

Real requantised(const tomato::Requantisation& r, std::size_t channel, Real mantissa) {
  const Real scale = r.scale[r.scale.size() == 1 ? 0 : channel];
  const Real offset = r.offset[r.offset.size() == 1 ? 0 : channel];
  const int to = unit_exponent(r.format);
  const Real real = (mantissa * scale + offset * power(static_cast<int>(r.offset_shift))) *
                    power(to - static_cast<int>(r.shift));
  const Real result = round_to_format(r.format, real, r.rounding);
  if (!r.relu) {
    return result;
  }
  const Real rectified = std::max<Real>(result, 0);
  return r.maximum ? std::min(rectified, static_cast<Real>(*r.maximum) * power(to)) : rectified;
}

}  // namespace

const Real* WindowedMap::pixel(std::uint32_t y, std::uint32_t x, std::uint32_t tap) const {
  const std::int64_t row = std::int64_t{y} * window.stride + tap / window.kernel_width - window.pad_top;
  const std::int64_t column = std::int64_t{x} * window.stride + tap % window.kernel_width - window.pad_left;
  const bool inside = row >= 0 && column >= 0 && row < input.shape.height && column < input.shape.width;
  return inside ? &plain::at(input, static_cast<std::size_t>(row), static_cast<std::size_t>(column), 0)
                : nullptr;
}

RealMap convolution(const WindowedMap& windows, const std::vector<Real>& weights, const Joined& joined,
                    const Gates& gates) {
  const std::size_t inputs = windows.input.shape.channels / joined.groups;
  const std::uint32_t taps = windows.window.taps();
  return filled(output_shape(windows, joined.outputs),
                [&](std::uint32_t y, std::uint32_t x, std::uint32_t o) {
                  const std::size_t first = o / (joined.outputs / joined.groups) * inputs;
                  Real sum = 0;
                  for (std::uint32_t tap = 0; tap < taps; ++tap) {
                    const Real* const pixel = windows.pixel(y, x, tap);
                    for (std::size_t c = 0; c < inputs; ++c) {
                      const Real weight = weights[(std::size_t{o} * taps + tap) * inputs + c];
                      const Real value = pixel == nullptr ? windows.outside : pixel[first + c];
                      sum += gates.inputs.open(first + c) ? weight * value : 0;
                    }
                  }
                  return gates.outputs.open(o) ? sum : 0;
                });
}

RealMap depthwise(const WindowedMap& windows, const std::vector<Real>& weights, const Gate& outputs) {
  const std::uint32_t channels = windows.input.shape.channels;
  const std::uint32_t taps = windows.window.taps();
  return filled(output_shape(windows, channels), [&](std::uint32_t y, std::uint32_t x, std::uint32_t c) {
    Real sum = 0;
    for (std::uint32_t tap = 0; tap < taps; ++tap) {
      sum += (weights.empty() ? 1 : weights[std::size_t{c} * taps + tap]) * windows.at(y, x, tap, c);
    }
    return outputs.open(c) ? sum : 0;
  });
}

RealMap max_pool(const WindowedMap& windows) {
  const std::uint32_t channels = windows.input.shape.channels;
  return filled(output_shape(windows, channels), [&](std::uint32_t y, std::uint32_t x, std::uint32_t c) {
    Real largest = -std::numeric_limits<Real>::infinity();
    for (std::uint32_t tap = 0; tap < windows.window.taps(); ++tap) {
      largest = std::max(largest, windows.at(y, x, tap, c));
    }
    return largest;
  });
}

RealMap pointwise(const RealMap& input, const std::vector<Real>& weights, const Joined& joined,
                  const Gates& gates) {
  const tomato::MapShape shape{input.shape.height, input.shape.width, joined.outputs};
  const std::size_t inputs = input.shape.channels / joined.groups;
  return filled(shape, [&](std::uint32_t y, std::uint32_t x, std::uint32_t o) {
    const std::size_t first = o / (joined.outputs / joined.groups) * inputs;
    Real sum = 0;
    for (std::size_t c = 0; c < inputs; ++c) {
      const Real weight = weights[std::size_t{o} * inputs + c];
      sum += gates.inputs.open(first + c) ? weight * at(input, y, x, first + c) : 0;
    }
    return gates.outputs.open(o) ? sum : 0;
  });
}

RealMap requantised(const tomato::Requantisation& r, RealMap map, int input_exponent) {
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    map.values[i] = requantised(r, i % map.shape.channels, map.values[i] * power(-input_exponent));
  }
  return map;
}

RealMap global_sum(const RealMap& input) {
  RealMap output{{1, 1, input.shape.channels}, std::vector<Real>(input.shape.channels, 0)};
  for (std::size_t i = 0; i < input.values.size(); ++i) {
    output.values[i % input.shape.channels] += input.values[i];
  }
  return output;
}

RealMap added(RealMap a, const RealMap& b) {
  std::transform(a.values.begin(), a.values.end(), b.values.begin(), a.values.begin(), std::plus<>());
  return a;
}

RealMap boosted(RealMap map, const RealMap& factors) {
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    map.values[i] *= factors.values[i % map.shape.channels];
  }
  return map;
}

RealMap concat(const RealMap& a, const RealMap& b) {
  const tomato::MapShape shape{a.shape.height, a.shape.width, a.shape.channels + b.shape.channels};
  return filled(shape, [&](std::uint32_t y, std::uint32_t x, std::uint32_t c) {
    return c < a.shape.channels ? at(a, y, x, c) : at(b, y, x, c - a.shape.channels);
  });
}

RealMap selected(const RealMap& input, const std::vector<std::uint32_t>& channels) {
  const tomato::MapShape shape{input.shape.height, input.shape.width,
                               static_cast<std::uint32_t>(channels.size())};
  return filled(
      shape, [&](std::uint32_t y, std::uint32_t x, std::uint32_t c) { return at(input, y, x, channels[c]); });
}

RealMap winners(RealMap map, std::uint32_t count, std::uint32_t lanes) {
  std::vector<Real> left = map.values;
  std::fill(map.values.begin(), map.values.end(), 0);
  for (std::uint32_t n = 0; n < count; ++n) {
    std::size_t best = n % lanes;
    for (std::size_t c = best; c < left.size(); c += lanes) {
      best = left[c] > left[best] ? c : best;
    }
    if (left[best] > 0) {
      map.values[best] = left[best];
      left[best] = 0;
    }
  }
  return map;
}

}  // namespace lacuna::test::plain

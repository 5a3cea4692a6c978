#include "tests/models/tomato/plain_reference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include <fmt/format.h>

namespace lacuna::test {
namespace {

using tomato::Pipeline;
using tomato::Unit;
using tomato::UnitKind;
using Real = long double;

Real power(int exponent) {
  return std::ldexp(Real{1}, exponent);
}

/// A code's value by the definitions of the publications.
Real value_of(const NumberFormat& f, std::uint32_t code) {
  const auto shift = [](std::uint32_t bits, int width, int bias) {
    const int k = width - 2;
    const std::uint32_t s = bits >> k;
    return s == 0 ? Real{0} : (s == 1 ? 1 : -1) * power(static_cast<int>(bits & ((1U << k) - 1)) - bias);
  };
  const auto whole = [&] {
    const Real half = power(f.width_bits - 1);
    return static_cast<Real>(code) >= half ? static_cast<Real>(code) - 2 * half : static_cast<Real>(code);
  };
  switch (f.kind) {
    case NumberKind::fixed:
      return whole() * power(f.point - (f.width_bits - 1));
    case NumberKind::dynamic_fixed:
    case NumberKind::ternary:
      return whole() * power(f.exponent);
    case NumberKind::binary:
      return (code == 1 ? 1 : -1) * power(f.exponent);
    case NumberKind::shift:
      return shift(code, f.width_bits, f.bias);
    case NumberKind::recentralised_shift:
      break;
  }
  const std::uint32_t rest = code & ((1U << (f.width_bits - 1)) - 1);
  if (rest >> (f.width_bits - 3) == 2) {
    return 0;
  }
  return shift(rest, f.width_bits - 1, f.bias) +
         (code == rest ? -power(f.negative_centre) : power(f.positive_centre));
}

/// Every number of a format that is not two's complement.
std::vector<Real> numbers_of(const NumberFormat& f) {
  if (f.kind == NumberKind::binary) {
    return {-power(f.exponent), power(f.exponent)};
  }
  std::vector<Real> numbers{0};
  const int largest = f.kind == NumberKind::ternary ? 0 : (1 << (f.width_bits - 2)) - 1;
  for (int e = 0; e <= largest; ++e) {
    const Real magnitude = power(e + (f.kind == NumberKind::ternary ? f.exponent : -f.bias));
    numbers.push_back(magnitude);
    numbers.push_back(-magnitude);
  }
  return numbers;
}

Real round_to_format(const NumberFormat& f, Real value, Rounding rounding) {
  if (f.kind == NumberKind::fixed || f.kind == NumberKind::dynamic_fixed) {
    const Real unit = power(f.kind == NumberKind::fixed ? f.point - (f.width_bits - 1) : f.exponent);
    const Real scaled = value / unit;
    Real whole = std::floor(scaled);
    const Real rest = scaled - whole;
    if (rounding == Rounding::nearest && rest >= 0.5L) {
      whole += 1;
    }
    if (rounding == Rounding::nearest_even && (rest > 0.5L || (rest == 0.5L && std::fmod(whole, 2) != 0))) {
      whole += 1;
    }
    return std::clamp(whole, -power(f.width_bits - 1), power(f.width_bits - 1) - 1) * unit;
  }
  Real best = 0;
  Real distance = std::numeric_limits<Real>::infinity();
  for (const Real number : numbers_of(f)) {
    const Real d = std::fabs(number - value);
    const bool wins_tie = f.kind == NumberKind::binary ? number > best : std::fabs(number) > std::fabs(best);
    if (d < distance || (d == distance && wins_tie)) {
      best = number;
      distance = d;
    }
  }
  return best;
}

Real lowest_of(const NumberFormat& f, bool rectified) {
  if (rectified) {
    return 0;
  }
  if (f.kind == NumberKind::fixed || f.kind == NumberKind::dynamic_fixed) {
    return value_of(f, 1U << (f.width_bits - 1));
  }
  const std::vector<Real> numbers = numbers_of(f);
  return *std::min_element(numbers.begin(), numbers.end());
}

class Reference {
 public:
  Reference(const PipelineCase& c, std::size_t frame) : case_(c), frame_(frame) {}

  /// Maps are kept: behind a fork several ask for one.
  const RealMap& output_of(std::size_t position) {
    if (const auto found = done_.find(position); found != done_.end()) {
      return found->second;
    }
    return done_.emplace(position, computed(position)).first->second;
  }

 private:
  RealMap computed(std::size_t position) {
    const Unit& unit = case_.pipeline.units[position];
    switch (unit.kind) {
      case UnitKind::source:
        return picture(unit);
      case UnitKind::convolution:
      case UnitKind::max_pool:
      case UnitKind::sum_pool:
      case UnitKind::depthwise:
        return windowed(position);
      case UnitKind::pointwise:
        return weighted(position, before(position));
      case UnitKind::fully_connected:
        return joined(position);
      case UnitKind::global_sum_pool:
        return summed(before(position));
      case UnitKind::add:
        return combined(before(position, 0), before(position, 1));
      case UnitKind::concat:
        return side_by_side(position);
      case UnitKind::requantise:
        return requantised(unit, position);
      case UnitKind::winners:
        return kept(unit, before(position));
      case UnitKind::boost:
        return boosted(before(position), before(position, 1));
      case UnitKind::window:
      case UnitKind::sink:
      case UnitKind::fork:
      case UnitKind::link:
        break;
    }
    return before(position);
  }

  std::size_t producer(std::size_t position, std::uint32_t number) const {
    for (const tomato::Edge& edge : case_.pipeline.edges) {
      if (edge.to == position && edge.to_input == number) {
        return edge.from;
      }
    }
    return 0;
  }
  const RealMap& before(std::size_t position, std::uint32_t number = 0) {
    return output_of(producer(position, number));
  }

  RealMap picture(const Unit& unit) const {
    RealMap map{unit.map, {}};
    const Real one = power(unit_exponent(unit.format));
    for (const std::int32_t mantissa : case_.input.pixels[frame_]) {
      map.values.push_back(static_cast<Real>(mantissa) * one);
    }
    return map;
  }

  /// Smallest number of the stream that a position sends.
  Real lowest(std::size_t position) const {
    const Unit& unit = case_.pipeline.units[position];
    switch (unit.kind) {
      case UnitKind::source:
        return lowest_of(unit.format, false);
      case UnitKind::requantise:
        return lowest_of(unit.requantisation.format, unit.requantisation.relu);
      case UnitKind::concat:
        return std::min(lowest(producer(position, 0)), lowest(producer(position, 1)));
      default:
        return lowest(producer(position, 0));
    }
  }

  std::vector<Real> weights(std::size_t position) const {
    std::vector<Real> values;
    for (const std::uint32_t code : case_.codes.at(position)) {
      values.push_back(value_of(case_.pipeline.units[position].weights.format, code));
    }
    return values;
  }

  RealMap gate(std::size_t position, bool present, std::uint32_t number) {
    return present ? before(position, number) : RealMap{};
  }
  static bool open(const RealMap& gate, std::size_t channel) {
    return gate.values.empty() || gate.values[channel % gate.values.size()] > 0;
  }

  RealMap windowed(std::size_t position) {
    const Unit& unit = case_.pipeline.units[position];
    const std::size_t window_at = producer(position, 0);
    const tomato::WindowShape& w = case_.pipeline.units[window_at].window;
    const RealMap input = before(window_at);
    RealMap output;
    output.shape = {w.output_height(input.shape.height), w.output_width(input.shape.width),
                    unit.kind == UnitKind::convolution ? unit.output_channels : input.shape.channels};
    const std::vector<Real> kernel =
        case_.codes.count(position) != 0 ? weights(position) : std::vector<Real>{};
    const RealMap outputs_open = gate(position, unit.output_gate, 1);
    const RealMap inputs_open = gate(position, unit.input_gate, unit.output_gate ? 2 : 1);
    const Real outside = w.padding == tomato::Padding::lowest ? lowest(producer(window_at, 0)) : 0;
    for (std::uint32_t y = 0; y < output.shape.height; ++y) {
      for (std::uint32_t x = 0; x < output.shape.width; ++x) {
        for (std::uint32_t o = 0; o < output.shape.channels; ++o) {
          Real sum = 0;
          Real largest = -std::numeric_limits<Real>::infinity();
          std::size_t tap = 0;
          for (std::uint32_t i = 0; i < w.kernel_height; ++i) {
            for (std::uint32_t j = 0; j < w.kernel_width; ++j, ++tap) {
              const std::int64_t row = std::int64_t{y} * w.stride + i - w.pad_top;
              const std::int64_t column = std::int64_t{x} * w.stride + j - w.pad_left;
              const bool inside =
                  row >= 0 && column >= 0 && row < input.shape.height && column < input.shape.width;
              const auto at = [&](std::size_t c) {
                return inside ? input.values[static_cast<std::size_t>(row * input.shape.width + column) *
                                                 input.shape.channels +
                                             c]
                              : outside;
              };
              if (unit.kind == UnitKind::convolution) {
                for (std::size_t c = 0; c < input.shape.channels; ++c) {
                  sum += open(inputs_open, c)
                             ? kernel[(o * w.taps() + tap) * input.shape.channels + c] * at(c)
                             : 0;
                }
              } else {
                sum += (unit.kind == UnitKind::depthwise ? kernel[o * w.taps() + tap] : 1) * at(o);
                largest = std::max(largest, at(o));
              }
            }
          }
          output.values.push_back(unit.kind == UnitKind::max_pool ? largest
                                  : open(outputs_open, o)         ? sum
                                                                  : 0);
        }
      }
    }
    return output;
  }

  RealMap weighted(std::size_t position, const RealMap& input) {
    const Unit& unit = case_.pipeline.units[position];
    const RealMap outputs_open = gate(position, unit.output_gate, 1);
    const RealMap inputs_open = gate(position, unit.input_gate, unit.output_gate ? 2 : 1);
    const std::vector<Real> kernel = weights(position);
    RealMap output;
    output.shape = {input.shape.height, input.shape.width, unit.output_channels};
    for (std::size_t pixel = 0; pixel < input.shape.pixels(); ++pixel) {
      for (std::size_t o = 0; o < unit.output_channels; ++o) {
        Real sum = 0;
        for (std::size_t c = 0; c < input.shape.channels; ++c) {
          const Real value = input.values[pixel * input.shape.channels + c];
          sum += open(inputs_open, c) ? kernel[o * input.shape.channels + c] * value : 0;
        }
        output.values.push_back(open(outputs_open, o) ? sum : 0);
      }
    }
    return output;
  }

  RealMap joined(std::size_t position) {
    RealMap input = before(position);
    input.shape = {1, 1, static_cast<std::uint32_t>(input.values.size())};
    return weighted(position, input);
  }

  static RealMap summed(const RealMap& input) {
    RealMap output{{1, 1, input.shape.channels}, std::vector<Real>(input.shape.channels, 0)};
    for (std::size_t i = 0; i < input.values.size(); ++i) {
      output.values[i % input.shape.channels] += input.values[i];
    }
    return output;
  }
  static RealMap combined(RealMap a, const RealMap& b) {
    std::transform(a.values.begin(), a.values.end(), b.values.begin(), a.values.begin(), std::plus<>());
    return a;
  }
  static RealMap boosted(RealMap a, const RealMap& factors) {
    for (std::size_t i = 0; i < a.values.size(); ++i) {
      a.values[i] *= factors.values[i % a.shape.channels];
    }
    return a;
  }

  RealMap side_by_side(std::size_t position) {
    const RealMap a = before(position, 0);
    const RealMap b = before(position, 1);
    RealMap both{{a.shape.height, a.shape.width, a.shape.channels + b.shape.channels}, {}};
    for (std::size_t pixel = 0; pixel < a.shape.pixels(); ++pixel) {
      for (const RealMap* map : {&a, &b}) {
        const auto first = map->values.begin() + static_cast<std::ptrdiff_t>(pixel * map->shape.channels);
        both.values.insert(both.values.end(), first,
                           first + static_cast<std::ptrdiff_t>(map->shape.channels));
      }
    }
    return both;
  }

  /// Unit exponent of the stream that a position sends: requantisation works on mantissas.
  int exponent(std::size_t position) const {
    const Unit& unit = case_.pipeline.units[position];
    const int input = unit.kind == UnitKind::source ? 0 : exponent(producer(position, 0));
    switch (unit.kind) {
      case UnitKind::source:
        return unit_exponent(unit.format);
      case UnitKind::requantise:
        return unit_exponent(unit.requantisation.format);
      case UnitKind::convolution:
      case UnitKind::depthwise:
      case UnitKind::pointwise:
      case UnitKind::fully_connected:
        return input + unit_exponent(unit.weights.format);
      case UnitKind::boost:
        return input + exponent(producer(position, 1));
      case UnitKind::add:
        return std::min(input, exponent(producer(position, 1)));
      default:
        return input;
    }
  }

  RealMap requantised(const Unit& unit, std::size_t position) {
    const tomato::Requantisation& r = unit.requantisation;
    RealMap map = before(position);
    const int from = exponent(producer(position, 0));
    const int to = unit_exponent(r.format);
    for (std::size_t i = 0; i < map.values.size(); ++i) {
      const std::size_t c = i % map.shape.channels;
      const Real mantissa = map.values[i] * power(-from);
      const Real scale = r.scale[r.scale.size() == 1 ? 0 : c];
      const Real offset = r.offset[r.offset.size() == 1 ? 0 : c];
      const Real real = (mantissa * scale + offset * power(static_cast<int>(r.offset_shift))) *
                        power(to - static_cast<int>(r.shift));
      Real result = round_to_format(r.format, real, r.rounding);
      if (r.relu) {
        result = std::max<Real>(result, 0);
        result = r.maximum > 0 ? std::min(result, static_cast<Real>(r.maximum) * power(to)) : result;
      }
      map.values[i] = result;
    }
    return map;
  }

  static RealMap kept(const Unit& unit, RealMap map) {
    std::vector<Real> left = map.values;
    std::vector<Real> result(left.size(), 0);
    for (std::uint32_t n = 0; n < unit.winners; ++n) {
      const auto best = std::max_element(left.begin(), left.end());
      if (*best > 0) {
        result[static_cast<std::size_t>(best - left.begin())] = *best;
        *best = 0;
      }
    }
    map.values = result;
    return map;
  }

  const PipelineCase& case_;
  std::size_t frame_;
  std::map<std::size_t, RealMap> done_;
};

}  // namespace

std::vector<RealMap> plain_reference(const PipelineCase& c) {
  const auto sink = std::find_if(c.pipeline.units.begin(), c.pipeline.units.end(),
                                 [](const Unit& unit) { return unit.kind == UnitKind::sink; });
  std::vector<RealMap> maps;
  for (std::size_t frame = 0; frame < c.input.frames; ++frame) {
    maps.push_back(Reference(c, frame).output_of(static_cast<std::size_t>(sink - c.pipeline.units.begin())));
  }
  return maps;
}

std::string value_difference(const PipelineCase& c, const tomato::RunResult& result) {
  const tomato::Analysis analysis = tomato::analyse(c.pipeline, c.parameters);
  const Real unit = power(analysis.streams[analysis.units[analysis.sink].inputs.front()].unit_exponent);
  const std::vector<RealMap> expected = plain_reference(c);
  if (result.outputs.size() != expected.size()) {
    return fmt::format("{} frames, not {}", result.outputs.size(), expected.size());
  }
  for (std::size_t f = 0; f < expected.size(); ++f) {
    if (result.outputs[f].size() != expected[f].values.size()) {
      return fmt::format("frame {}: {} values, not {}", f, result.outputs[f].size(),
                         expected[f].values.size());
    }
    for (std::size_t i = 0; i < expected[f].values.size(); ++i) {
      if (static_cast<Real>(result.outputs[f][i]) * unit != expected[f].values[i]) {
        return fmt::format("frame {}, value {}: {} units, not {}", f, i, result.outputs[f][i],
                           static_cast<double>(expected[f].values[i] / unit));
      }
    }
  }
  return {};
}

}  // namespace lacuna::test

#include <algorithm>
#include <numeric>

#include "models/tomato/timeline/for_each_tap.h"
#include "models/tomato/timeline/frame_run.h"
#include "models/tomato/timeline/requantise.h"

namespace lacuna::tomato::timeline {

template <class Join>
void FrameRun::pool(std::size_t unit, Join join, std::int64_t start) {
  const FrameValues& in = input(unit);
  const std::size_t channels = in.map.channels;
  Values result(output_stream(unit).map.pixels() * channels, start);
  for_each_tap(in.map, in.window->window, [&](std::size_t pixel, std::size_t, std::int64_t position) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      std::int64_t& value = result[pixel * channels + channel];
      value =
          join(value, position < 0 ? in.padding
                                   : (*in.values)[static_cast<std::size_t>(position) * channels + channel]);
    }
  });
  put(unit, std::move(result));
}

void FrameRun::pool_largest(std::size_t unit) {
  pool(
      unit, [](std::int64_t a, std::int64_t b) { return std::max(a, b); }, INT64_MIN);
}

void FrameRun::pool_sum(std::size_t unit) {
  pool(
      unit, [](std::int64_t a, std::int64_t b) { return a + b; }, 0);
}

void FrameRun::sum_frame(std::size_t unit) {
  const FrameValues& in = input(unit);
  Values result(in.map.channels);
  for (std::size_t i = 0; i < in.values->size(); ++i) {
    result[i % in.map.channels] += (*in.values)[i];
  }
  put(unit, std::move(result));
}

void FrameRun::add(std::size_t unit) {
  const int exponents[] = {stream_exponent(unit, 0), stream_exponent(unit, 1)};
  const int least = std::min(exponents[0], exponents[1]);
  Values result(input(unit).values->size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = (*input(unit, 0).values)[i] * (std::int64_t{1} << (exponents[0] - least)) +
                (*input(unit, 1).values)[i] * (std::int64_t{1} << (exponents[1] - least));
  }
  put(unit, std::move(result));
}

int FrameRun::stream_exponent(std::size_t unit, std::size_t number) const {
  return analysis_.streams[analysis_.units[unit].inputs[number]].unit_exponent;
}

void FrameRun::concat(std::size_t unit) {
  Values result;
  for (std::size_t pixel = 0; pixel < input(unit).map.pixels(); ++pixel) {
    for (std::size_t number = 0; number < analysis_.units[unit].inputs.size(); ++number) {
      const FrameValues& in = input(unit, number);
      const auto first = in.values->begin() + static_cast<std::ptrdiff_t>(pixel * in.map.channels);
      result.insert(result.end(), first, first + in.map.channels);
    }
  }
  put(unit, std::move(result));
}

void FrameRun::requantise_all(std::size_t unit) {
  const FrameValues& in = input(unit);
  Values result(in.values->size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = requantise(pipeline_.units[unit].requantisation, i % in.map.channels, (*in.values)[i],
                           outcome_.saturations[unit]);
  }
  put(unit, std::move(result));
}

void FrameRun::choose(std::size_t unit) {
  const Values& values = *input(unit).values;
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  Values result(values.size());
  OpenChannels& open = outcome_.gates[unit];
  open.assign(values.size(), false);
  for (std::size_t place = 0; place < pipeline_.units[unit].winners; ++place) {
    const std::size_t channel = order[place];
    if (values[channel] > 0) {
      result[channel] = values[channel];
      open[channel] = true;
    }
  }
  put(unit, std::move(result));
}

void FrameRun::boost(std::size_t unit) {
  const FrameValues& in = input(unit);
  const Values& gate = *input(unit, 1).values;
  Values result(in.values->size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = (*in.values)[i] * gate[i % in.map.channels];
  }
  put(unit, std::move(result));
}

}  // namespace lacuna::tomato::timeline

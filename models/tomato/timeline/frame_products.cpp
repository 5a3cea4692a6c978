#include <algorithm>

#include "models/tomato/timeline/for_each_tap.h"
#include "models/tomato/timeline/frame_run.h"

namespace lacuna::tomato::timeline {
namespace {

bool is_open(const OpenChannels* gate, std::size_t channel) {
  return gate == nullptr || (*gate)[channel];
}

}  // namespace

void FrameRun::slide(std::size_t unit) {
  FrameValues values = input(unit);
  values.window = &pipeline_.units[unit];
  values.padding = values.window->window.padding == Padding::zero
                       ? 0
                       : analysis_.streams[analysis_.units[unit].inputs.front()].min_mantissa;
  put(unit, values);
}

std::vector<std::int32_t> FrameRun::operands(std::size_t unit) const {
  const FrameValues& in = input(unit);
  std::vector<std::int32_t> result(in.values->begin(), in.values->end());
  const UnitGates gates = unit_gates(pipeline_, analysis_, unit, outcome_.gates);
  if (gates.inputs != nullptr) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = (*gates.inputs)[i % in.map.channels] ? result[i] : 0;
    }
  }
  return result;
}

void FrameRun::dot_all(std::size_t unit, const std::int32_t* operand, std::int64_t* outputs) const {
  const OpenChannels* gate = unit_gates(pipeline_, analysis_, unit, outcome_.gates).outputs;
  for (std::size_t output = 0; output < pipeline_.units[unit].output_channels; ++output) {
    outputs[output] = is_open(gate, output) ? rows_[unit].dot(output, operand) : 0;
  }
}

void FrameRun::convolve(std::size_t unit) {
  const FrameValues& in = input(unit);
  const std::vector<std::int32_t> values = operands(unit);
  const std::size_t channels = in.map.channels;
  const std::size_t taps = in.window->window.taps();
  const std::size_t outputs = pipeline_.units[unit].output_channels;
  Values result(output_stream(unit).map.pixels() * outputs);
  std::vector<std::int32_t> operand(taps * channels);
  for_each_tap(in.map, in.window->window, [&](std::size_t pixel, std::size_t tap, std::int64_t position) {
    const auto target = operand.begin() + static_cast<std::ptrdiff_t>(tap * channels);
    if (position < 0) {
      // Padding is masked: it adds nothing.
      std::fill_n(target, channels, 0);
    } else {
      std::copy_n(values.begin() + position * static_cast<std::int64_t>(channels), channels, target);
    }
    if (tap + 1 == taps) {
      dot_all(unit, operand.data(), &result[pixel * outputs]);
    }
  });
  put(unit, std::move(result));
}

void FrameRun::convolve_channels(std::size_t unit) {
  const FrameValues& in = input(unit);
  const std::size_t channels = in.map.channels;
  const std::size_t taps = in.window->window.taps();
  const OpenChannels* gate = unit_gates(pipeline_, analysis_, unit, outcome_.gates).outputs;
  const std::vector<std::int32_t>& weights = pipeline_.units[unit].weights.mantissas;
  Values result(output_stream(unit).map.pixels() * channels);
  for_each_tap(in.map, in.window->window, [&](std::size_t pixel, std::size_t tap, std::int64_t position) {
    for (std::size_t channel = 0; position >= 0 && channel < channels; ++channel) {
      if (is_open(gate, channel)) {
        result[pixel * channels + channel] +=
            weights[channel * taps + tap] *
            (*in.values)[static_cast<std::size_t>(position) * channels + channel];
      }
    }
  });
  put(unit, std::move(result));
}

void FrameRun::join_pixels(std::size_t unit) {
  const std::vector<std::int32_t> values = operands(unit);
  const std::size_t channels = input(unit).map.channels;
  const std::size_t outputs = pipeline_.units[unit].output_channels;
  Values result(values.size() / channels * outputs);
  for (std::size_t pixel = 0; pixel < values.size() / channels; ++pixel) {
    dot_all(unit, &values[pixel * channels], &result[pixel * outputs]);
  }
  put(unit, std::move(result));
}

void FrameRun::join_frame(std::size_t unit) {
  const std::vector<std::int32_t> values = operands(unit);
  Values result(pipeline_.units[unit].output_channels);
  dot_all(unit, values.data(), result.data());
  put(unit, std::move(result));
}

}  // namespace lacuna::tomato::timeline

#include "models/tomato/timeline/frame_run.h"

#include <algorithm>
#include <numeric>

#include "models/tomato/timeline/for_each_tap.h"
#include "models/tomato/timeline/requantise.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato::timeline {

FrameRun::FrameRun(const Pipeline& pipeline, const Analysis& analysis, const std::vector<WeightRows>& rows,
                   const std::vector<std::int32_t>& pixels)
    : pipeline_(pipeline),
      analysis_(analysis),
      rows_(rows),
      pixels_(pixels),
      streams_(pipeline.edges.size()) {
  outcome_.gates.resize(pipeline.units.size());
  outcome_.saturations.resize(pipeline.units.size());
}

FrameOutcome FrameRun::run(const std::vector<std::size_t>& recorded_edges) {
  for (const std::size_t unit : analysis_.order) {
    run_unit(unit);
    for (const std::size_t edge : analysis_.units[unit].inputs) {  // nobody else reads these
      if (std::find(recorded_edges.begin(), recorded_edges.end(), edge) == recorded_edges.end()) {
        streams_[edge].values.reset();
      }
    }
  }
  for (const std::size_t edge : recorded_edges) {
    outcome_.recorded.push_back(*streams_[edge].values);
  }
  return std::move(outcome_);
}

void FrameRun::put(std::size_t unit, const FrameValues& values) {
  for (const std::size_t edge : analysis_.units[unit].outputs) {
    streams_[edge] = values;
  }
}

void FrameRun::put(std::size_t unit, Values values) {
  put(unit,
      FrameValues{std::make_shared<const Values>(std::move(values)), output_stream(unit).map, nullptr, 0});
}

void FrameRun::run_unit(std::size_t unit) {
  switch (pipeline_.units[unit].kind) {
    case UnitKind::source:
      put(unit, Values(pixels_.begin(), pixels_.end()));
      break;
    case UnitKind::sink:
      outcome_.outputs = *input(unit).values;
      break;
    case UnitKind::window:
      slide(unit);
      break;
    case UnitKind::convolution:
    case UnitKind::pointwise:
    case UnitKind::fully_connected:
      weigh(unit);
      break;
    case UnitKind::depthwise:
      convolve_channels(unit);
      break;
    case UnitKind::max_pool:
      pool_largest(unit);
      break;
    case UnitKind::sum_pool:
      pool_sum(unit);
      break;
    case UnitKind::global_sum_pool:
      sum_frame(unit);
      break;
    case UnitKind::add:
      add(unit);
      break;
    case UnitKind::concat:
      concat(unit);
      break;
    case UnitKind::requantise:
      requantise_all(unit);
      break;
    case UnitKind::fork:
    case UnitKind::link:
      put(unit, input(unit));
      break;
    case UnitKind::winners:
      choose(unit);
      break;
    case UnitKind::boost:
      boost(unit);
      break;
    case UnitKind::select:
      select(unit);
      break;
  }
}

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
  outcome_.saturations[unit] +=
      requantise(pipeline_.units[unit].requantisation, in.map.channels, *in.values, result);
  put(unit, std::move(result));
}

void FrameRun::choose(std::size_t unit) {
  const Values& values = *input(unit).values;
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  const std::uint32_t winners = pipeline_.units[unit].winners;
  const std::uint32_t lanes = pipeline_.units[unit].winner_lanes;
  Values result(values.size());
  OpenChannels& open = outcome_.gates[unit];
  open.assign(values.size(), false);
  // Step s takes the largest that is left in lane s mod lanes: lane l has the steps l, l + lanes, ...
  std::vector<std::uint32_t> chosen(lanes, 0);
  for (const std::size_t channel : order) {
    const std::size_t lane = channel % lanes;
    const bool wins = std::uint64_t{chosen[lane]++} * lanes + lane < winners;
    if (wins && values[channel] > 0) {
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

void FrameRun::select(std::size_t unit) {
  const FrameValues& in = input(unit);
  Values result;
  for (std::size_t first = 0; first < in.values->size(); first += in.map.channels) {
    for (const std::uint32_t channel : pipeline_.units[unit].selected) {
      result.push_back((*in.values)[first + channel]);
    }
  }
  put(unit, std::move(result));
}

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

template <class Operand>
std::vector<Operand> FrameRun::operands(std::size_t unit) const {
  const FrameValues& in = input(unit);
  std::vector<Operand> result(in.values->size());
  std::transform(in.values->begin(), in.values->end(), result.begin(),
                 [](std::int64_t value) { return static_cast<Operand>(value); });
  const UnitGates gates = unit_gates(pipeline_, analysis_, unit, outcome_.gates);
  if (gates.inputs != nullptr) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] = (*gates.inputs)[i % in.map.channels] ? result[i] : Operand{0};
    }
  }
  return result;
}

template <class Operand>
void FrameRun::dot_all(std::size_t unit, const OpenChannels* gate, const Operand* operand,
                       std::int64_t* outputs) const {
  const WeightRows& rows = rows_[unit];
  const std::size_t count = pipeline_.units[unit].output_channels;
  const std::size_t in_group = count / channel_groups(pipeline_.units[unit]);
  if (gate == nullptr) {
    for (std::size_t first = 0; first < count; first += in_group, operand += rows.length()) {
      rows.dots(first, in_group, operand, outputs + first);
    }
    return;
  }
  for (std::size_t output = 0; output < count; ++output) {
    outputs[output] = 0;
    if ((*gate)[output]) {
      rows.dots(output, 1, operand + output / in_group * rows.length(), outputs + output);
    }
  }
}

template <class Operand>
void FrameRun::convolve(std::size_t unit) {
  const FrameValues& in = input(unit);
  const std::vector<Operand> values = operands<Operand>(unit);
  const OpenChannels* const gate = unit_gates(pipeline_, analysis_, unit, outcome_.gates).outputs;
  const std::size_t channels = in.map.channels;
  const std::size_t taps = in.window->window.taps();
  const std::size_t groups = channel_groups(pipeline_.units[unit]);
  const std::size_t joined = channels / groups;
  const std::size_t outputs = pipeline_.units[unit].output_channels;
  Values result(output_stream(unit).map.pixels() * outputs);
  std::vector<Operand> operand(taps * channels);
  for_each_tap(in.map, in.window->window, [&](std::size_t pixel, std::size_t tap, std::int64_t position) {
    for (std::size_t group = 0; group < groups; ++group) {
      const auto target = operand.begin() + static_cast<std::ptrdiff_t>((group * taps + tap) * joined);
      if (position < 0) {
        // Padding is masked: it adds nothing.
        std::fill_n(target, joined, Operand{0});
      } else {
        const std::size_t first = static_cast<std::size_t>(position) * channels + group * joined;
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(first), joined, target);
      }
    }
    if (tap + 1 == taps) {
      dot_all(unit, gate, operand.data(), &result[pixel * outputs]);
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

template <class Operand>
void FrameRun::join_pixels(std::size_t unit) {
  const std::vector<Operand> values = operands<Operand>(unit);
  const OpenChannels* const gate = unit_gates(pipeline_, analysis_, unit, outcome_.gates).outputs;
  const std::size_t channels = input(unit).map.channels;
  const std::size_t outputs = pipeline_.units[unit].output_channels;
  Values result(values.size() / channels * outputs);
  for (std::size_t pixel = 0; pixel < values.size() / channels; ++pixel) {
    dot_all(unit, gate, &values[pixel * channels], &result[pixel * outputs]);
  }
  put(unit, std::move(result));
}

template <class Operand>
void FrameRun::join_frame(std::size_t unit) {
  const std::vector<Operand> values = operands<Operand>(unit);
  Values result(pipeline_.units[unit].output_channels);
  dot_all(unit, unit_gates(pipeline_, analysis_, unit, outcome_.gates).outputs, values.data(), result.data());
  put(unit, std::move(result));
}

template <class Operand>
void FrameRun::weigh_with(std::size_t unit) {
  switch (pipeline_.units[unit].kind) {
    case UnitKind::convolution:
      convolve<Operand>(unit);
      break;
    case UnitKind::pointwise:
      join_pixels<Operand>(unit);
      break;
    default:
      join_frame<Operand>(unit);
      break;
  }
}

void FrameRun::weigh(std::size_t unit) {
  if (rows_[unit].takes_short()) {
    weigh_with<std::int16_t>(unit);
  } else {
    weigh_with<std::int32_t>(unit);
  }
}

}  // namespace lacuna::tomato::timeline

#include "tests/models/tomato/plain_reference.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tests/models/tomato/plain_streams.h"

namespace lacuna::test {
namespace {

using plain::Real;
using plain::RealMap;
using tomato::Unit;
using tomato::UnitKind;

/// The maps that units send in one frame.
class Reference {
 public:
  Reference(const PipelineCase& c, std::size_t frame) : case_(c), streams_(c.pipeline), frame_(frame) {}

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
        return pointwise(position, before(position));
      case UnitKind::fully_connected:
        return pointwise(position, flat(before(position)));
      case UnitKind::global_sum_pool:
        return plain::global_sum(before(position));
      case UnitKind::add:
        return plain::added(before(position, 0), before(position, 1));
      case UnitKind::concat:
        return plain::concat(before(position, 0), before(position, 1));
      case UnitKind::requantise:
        return plain::requantised(unit.requantisation, before(position),
                                  streams_.exponent(streams_.producer(position, 0)));
      case UnitKind::winners:
        return plain::winners(before(position), unit.winners, unit.winner_lanes);
      case UnitKind::boost:
        return plain::boosted(before(position), before(position, 1));
      case UnitKind::select:
        return plain::selected(before(position), unit.selected);
      case UnitKind::window:
      case UnitKind::sink:
      case UnitKind::fork:
      case UnitKind::link:
        break;
    }
    return before(position);
  }

  const RealMap& before(std::size_t position, std::uint32_t number = 0) {
    return output_of(streams_.producer(position, number));
  }

  RealMap picture(const Unit& unit) const {
    RealMap map{unit.map, {}};
    const Real one = plain::power(unit_exponent(unit.format));
    for (const std::int32_t mantissa : case_.input.pixels[frame_]) {
      map.values.push_back(static_cast<Real>(mantissa) * one);
    }
    return map;
  }

  std::vector<Real> weights(std::size_t position) const {
    std::vector<Real> values;
    for (const std::uint32_t code : case_.codes.at(position)) {
      values.push_back(plain::value_of(case_.pipeline.units[position].weights.format, code));
    }
    return values;
  }

  plain::Gates gates(std::size_t position) {
    const Unit& unit = case_.pipeline.units[position];
    plain::Gates gates;
    if (unit.output_gate) {
      gates.outputs.map = before(position, 1);
    }
    if (unit.input_gate) {
      gates.inputs.map = before(position, unit.output_gate ? 2 : 1);
    }
    return gates;
  }

  RealMap windowed(std::size_t position) {
    const Unit& unit = case_.pipeline.units[position];
    const std::size_t window_at = streams_.producer(position, 0);
    const tomato::WindowShape& window = case_.pipeline.units[window_at].window;
    const bool lowest = window.padding == tomato::Padding::lowest;
    const plain::WindowedMap windows{before(window_at), window,
                                     lowest ? streams_.lowest(streams_.producer(window_at, 0)) : 0};
    if (unit.kind == UnitKind::max_pool) {
      return plain::max_pool(windows);
    }
    if (unit.kind == UnitKind::convolution) {
      return plain::convolution(windows, weights(position), {unit.output_channels, unit.groups},
                                gates(position));
    }
    return plain::depthwise(windows,
                            unit.kind == UnitKind::depthwise ? weights(position) : std::vector<Real>{},
                            gates(position).outputs);
  }

  RealMap pointwise(std::size_t position, const RealMap& input) {
    const Unit& unit = case_.pipeline.units[position];
    return plain::pointwise(input, weights(position), {unit.output_channels, unit.groups}, gates(position));
  }

  /// All numbers as channels of one pixel.
  static RealMap flat(RealMap map) {
    map.shape = {1, 1, static_cast<std::uint32_t>(map.values.size())};
    return map;
  }

  const PipelineCase& case_;
  plain::Streams streams_;
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
  const Real unit =
      plain::power(analysis.streams[analysis.units[analysis.sink].inputs.front()].unit_exponent);
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

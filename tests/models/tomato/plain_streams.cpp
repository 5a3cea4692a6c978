#include "tests/models/tomato/plain_streams.h"

#include <algorithm>

namespace lacuna::test::plain {

using tomato::Unit;
using tomato::UnitKind;

std::size_t Streams::producer(std::size_t position, std::uint32_t number) const {
  for (const tomato::Edge& edge : pipeline_.edges) {
    if (edge.to == position && edge.to_input == number) {
      return edge.from;
    }
  }
  return 0;
}

Real Streams::lowest(std::size_t position) const {
  const Unit& unit = pipeline_.units[position];
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

int Streams::exponent(std::size_t position) const {
  const Unit& unit = pipeline_.units[position];
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

}  // namespace lacuna::test::plain

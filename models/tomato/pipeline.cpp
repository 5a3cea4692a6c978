#include "models/tomato/pipeline.h"

#include <fmt/format.h>

#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {

const char* to_text(UnitKind kind) {
  return traits(kind).name;
}

bool operator==(const MapShape& a, const MapShape& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

std::string edge_name(const Pipeline& pipeline, const Edge& edge) {
  std::size_t outputs = 0;
  std::size_t inputs = 0;
  for (const Edge& other : pipeline.edges) {
    outputs += other.from == edge.from ? 1 : 0;
    inputs += other.to == edge.to ? 1 : 0;
  }
  const auto end = [&](std::size_t unit, std::size_t ports, std::uint32_t port) {
    const std::string& name = pipeline.units[unit].name;
    return ports > 1 ? fmt::format("{}[{}]", name, port) : name;
  };
  return end(edge.from, outputs, edge.from_output) + " -> " + end(edge.to, inputs, edge.to_input);
}

}  // namespace lacuna::tomato

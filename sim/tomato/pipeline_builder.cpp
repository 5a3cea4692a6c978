#include "sim/tomato/pipeline_builder.h"

#include <utility>

namespace lacuna::tomato {

std::size_t PipelineBuilder::add(UnitKind kind, const std::string& layer, const std::string& suffix,
                                 const FixedUnroll& fixed) {
  Unit unit;
  unit.kind = kind;
  unit.layer = layer;
  unit.name = suffix.empty() ? layer : layer + "." + suffix;
  pipeline_.units.push_back(std::move(unit));
  fixed_.push_back(fixed);
  return pipeline_.units.size() - 1;
}

void PipelineBuilder::connect(const Tail& from, std::size_t to, std::uint32_t input, std::uint32_t depth) {
  pipeline_.edges.push_back({from.unit, from.output, to, input, depth});
}

std::vector<Tail> PipelineBuilder::split(const Tail& tail, std::size_t count, const std::string& layer,
                                         const std::string& suffix, std::uint32_t depth) {
  if (count <= 1) {
    return {tail};
  }
  const std::size_t fork = add(UnitKind::fork, layer, suffix);
  connect(tail, fork, 0, depth);
  std::vector<Tail> tails;
  for (std::size_t i = 0; i < count; ++i) {
    tails.push_back({fork, static_cast<std::uint32_t>(i)});
  }
  return tails;
}

}  // namespace lacuna::tomato

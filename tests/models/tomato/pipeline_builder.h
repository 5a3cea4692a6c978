#pragma once

#include <string>
#include <vector>

#include "models/tomato/pipeline.h"

namespace lacuna::test {

/// Puts pipelines together, unit by unit.
struct PipelineBuilder {
  tomato::Pipeline pipeline;

  explicit PipelineBuilder(const std::string& name) { pipeline.name = name; }

  /// A unit of a kind with a numbered name; to be filled in by the caller.
  tomato::Unit& add(tomato::UnitKind kind) {
    tomato::Unit unit;
    unit.kind = kind;
    unit.name = std::string(tomato::to_text(kind)) + std::to_string(pipeline.units.size());
    pipeline.units.push_back(unit);
    return pipeline.units.back();
  }
  std::size_t last() const { return pipeline.units.size() - 1; }

  void join(std::size_t from, std::size_t to, std::uint32_t depth, std::uint32_t to_input = 0,
            std::uint32_t from_output = 0) {
    tomato::Edge edge;
    edge.from = from;
    edge.from_output = from_output;
    edge.to = to;
    edge.to_input = to_input;
    edge.depth = depth;
    pipeline.edges.push_back(edge);
  }
  /// A unit behind the last one.
  tomato::Unit& then(tomato::UnitKind kind, std::uint32_t depth = 2) {
    const std::size_t before = last();
    tomato::Unit& unit = add(kind);
    join(before, last(), depth);
    return unit;
  }
};

}  // namespace lacuna::test

#pragma once

#include <optional>

#include "models/tomato/engine.h"

namespace lacuna::test {

/// Cycles per frame of an engine in the steady state, without values; nothing if the machine stops.
inline std::optional<double> steady_state(tomato::Engine& engine) {
  tomato::RunInput input;
  input.frames = 8;
  const tomato::RunResult result = engine.run(input);
  return result.deadlock ? std::nullopt : result.cycles_per_frame();
}

/// Whether a FIFO lies on a branch: behind a fork or before a join, with requantisations between.
inline bool is_on_branch(const tomato::Pipeline& pipeline, const tomato::Edge& edge) {
  const tomato::UnitKind from = pipeline.units[edge.from].kind;
  const tomato::UnitKind to = pipeline.units[edge.to].kind;
  return from == tomato::UnitKind::fork || to == tomato::UnitKind::add || to == tomato::UnitKind::concat;
}

/// The pipeline with one token less in one of its FIFOs.
inline tomato::Pipeline one_less(tomato::Pipeline pipeline, std::size_t edge) {
  --pipeline.edges[edge].depth;
  return pipeline;
}

}  // namespace lacuna::test

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/tomato/pipeline.h"
#include "tests/dice.h"
#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {

/// A chain of units with random parameters that grows at its end.
struct RandomChain {
  Dice& dice;
  PipelineBuilder builder;
  tomato::MapShape map;                                       ///< at the end
  std::map<std::size_t, std::vector<std::uint32_t>> codes{};  ///< of each unit's weights

  RandomChain(Dice& random, const std::string& name) : dice(random), builder(name) {}

  tomato::Unit& unit(std::size_t position) { return builder.pipeline.units[position]; }

  /// Of a FIFO.
  std::uint32_t depth() { return dice.chance(80) ? dice.u32(1, 4) : dice.u32(5, 40); }
  /// Mostly deep enough for a branch that holds back `tokens`.
  std::uint32_t branch_depth(std::uint32_t tokens) { return dice.chance(75) ? tokens : dice.u32(1, tokens); }

  /// The first unit.
  void source();

  /// A unit behind the end, to be filled in by the caller.
  tomato::Unit& then(tomato::UnitKind kind) { return builder.then(kind, depth()); }
  /// A window of a random shape; its outputs may lie wholly in the padding.
  void window(tomato::Padding padding);
  /// 3 x 3, which keeps the map's size.
  void same_size_window();
  void requantise(bool rectify, const NumberFormat* format = nullptr);
  /// A unit with weights for all inputs, of its group, and outputs; behind a window it has `taps`. Returns
  /// its position.
  std::size_t weighted(tomato::UnitKind kind, std::uint32_t taps, std::uint32_t outputs,
                       std::uint32_t groups = 1);
  /// Global sum pooling, requantised.
  void global_sum();

  /// A pointwise layer that is joined to nothing yet. Returns its position.
  std::size_t beside(std::uint32_t inputs, std::uint32_t outputs);

  /// Gives a unit random weights.
  void weights(std::size_t position, std::uint64_t count);
};

}  // namespace lacuna::test

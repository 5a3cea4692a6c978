#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "sim/search/nest.h"

namespace lacuna {

/// Transformations of the order alone: the domain stays, and with exact accumulation so do all values.

/// Two loops change places.
struct Interchange {
  std::size_t first = 0;  ///< positions in LoopNest::levels
  std::size_t second = 0;
};

/// A loop becomes one over tiles and, right inside it, one over the `size` turns of a tile (strip-mining).
/// The last tile of an axis may be smaller.
struct Tile {
  std::size_t level = 0;
  std::uint32_t size = 1;
};

/// A loop's turns are done at once.
struct UnrollLoop {
  std::size_t level = 0;
};

using ScheduleTransformation = std::variant<Interchange, Tile, UnrollLoop>;

/// Throws ConfigurationError for a loop that is not there, a tile of no turns or of more than the loop has, a
/// loop that is unrolled and is to be cut, and tiles that do not divide a loop within a tile.
LoopNest transformed(const LoopNest& nest, const ScheduleTransformation& transformation);

/// Whether the nest, transformed, computes what it did (nest.h). Throws as `transformed` does.
bool is_dependence_preserving(const LoopNest& nest, const ScheduleTransformation& transformation,
                              Accumulation accumulation);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <cstdint>

#include "models/tomato/pipeline.h"

namespace lacuna::tomato::timeline {

/// Calls `use(pixel, tap, position)` for every window of a map and every tap; `position` is the pixel that
/// the tap reads, or -1 outside the map.
template <class Use>
void for_each_tap(const MapShape& map, const WindowShape& window, Use use) {
  const std::uint32_t rows = window.output_height(map.height);
  const std::uint32_t columns = window.output_width(map.width);
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < columns; ++column) {
      std::size_t tap = 0;
      for (std::uint32_t i = 0; i < window.kernel_height; ++i) {
        const std::int64_t y = std::int64_t{row} * window.stride + i - window.pad_top;
        for (std::uint32_t j = 0; j < window.kernel_width; ++j, ++tap) {
          const std::int64_t x = std::int64_t{column} * window.stride + j - window.pad_left;
          const bool inside = y >= 0 && y < map.height && x >= 0 && x < map.width;
          use(std::size_t{row} * columns + column, tap, inside ? y * map.width + x : -1);
        }
      }
    }
  }
}

}  // namespace lacuna::tomato::timeline

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/pipeline.h"

namespace lacuna::tomato {

/// The positions of a window along one side of its map.
struct WindowSide {
  std::uint32_t size = 1;  ///< of the map
  std::uint32_t kernel = 1;
  std::uint32_t stride = 1;
  std::uint32_t padding = 0;  ///< before the map
  std::uint32_t positions = 1;

  std::int64_t start(std::uint32_t position) const {
    return std::int64_t{position} * stride - std::int64_t{padding};
  }
  bool is_inside(std::uint32_t position, std::uint32_t tap) const {
    const std::int64_t at = start(position) + tap;
    return at >= 0 && at < std::int64_t{size};
  }
  /// First and last place of the map that a position reads; nothing if it lies in the padding.
  std::optional<std::uint32_t> first_read(std::uint32_t position) const;
  std::optional<std::uint32_t> last_read(std::uint32_t position) const;
  /// First place that the positions from this one on read; nothing if they read none.
  std::optional<std::uint32_t> first_read_from(std::uint32_t position) const;
};

/// What a window unit's control knows of its windows (contract, section 4). Pixels and windows are counted
/// from a frame's first.
class WindowGeometry {
 public:
  WindowGeometry(const WindowShape& shape, const MapShape& map);

  const WindowSide& rows() const { return rows_; }
  const WindowSide& columns() const { return columns_; }
  std::uint64_t buffer_pixels() const { return buffer_pixels_; }
  std::uint64_t pixels() const { return std::uint64_t{rows_.size} * columns_.size; }
  std::uint64_t windows() const { return std::uint64_t{rows_.positions} * columns_.positions; }
  /// Whether any window reads a pixel.
  bool reads_map() const;
  /// Pixels that must have been accepted before a window is complete.
  std::uint64_t pixels_needed(std::uint64_t window) const;
  /// The first pixel that the rows of windows from this one on read; counted on into the next frame. Requires
  /// `reads_map`; `row` may be the number of rows.
  std::uint64_t first_pixel_from_row(std::uint32_t row) const;
  /// The first pixel that this window or any behind it reads: all before it are dead when the windows before
  /// it have been pushed. Counted over all frames, as `window` is. Requires `reads_map`.
  std::uint64_t first_pixel_from(std::uint64_t window) const;
  /// Pixels that can be alive at once where windows are read from the line buffers themselves: what the
  /// window unit may accept while `windows_behind` windows that it has pushed are still to be read. Requires
  /// `reads_map`.
  std::uint64_t pixels_alive(std::uint64_t windows_behind) const;
  /// Lines of the map that `buffer_pixels` pixels in a row can touch, and at least a window's.
  std::uint64_t lines() const;

 private:
  WindowSide rows_;
  WindowSide columns_;
  std::uint64_t buffer_pixels_;
};

}  // namespace lacuna::tomato

#include "models/tomato/rtl/window_geometry.h"

#include <algorithm>

namespace lacuna::tomato {

std::optional<std::uint32_t> WindowSide::first_read(std::uint32_t position) const {
  const std::int64_t first = std::max<std::int64_t>(start(position), 0);
  const std::int64_t end = std::min<std::int64_t>(start(position) + kernel, size);
  return first < end ? std::optional(static_cast<std::uint32_t>(first)) : std::nullopt;
}

std::optional<std::uint32_t> WindowSide::last_read(std::uint32_t position) const {
  const std::int64_t end = std::min<std::int64_t>(start(position) + kernel, size);
  return first_read(position) ? std::optional(static_cast<std::uint32_t>(end - 1)) : std::nullopt;
}

std::optional<std::uint32_t> WindowSide::first_read_from(std::uint32_t position) const {
  for (; position < positions; ++position) {
    if (const auto first = first_read(position)) {
      return first;
    }
  }
  return std::nullopt;
}

WindowGeometry::WindowGeometry(const WindowShape& shape, const MapShape& map)
    : rows_{map.height, shape.kernel_height, shape.stride, shape.pad_top, shape.output_height(map.height)},
      columns_{map.width, shape.kernel_width, shape.stride, shape.pad_left, shape.output_width(map.width)},
      buffer_pixels_(shape.buffer_pixels(map.width)) {}

bool WindowGeometry::reads_map() const {
  return rows_.first_read_from(0) && columns_.first_read_from(0);
}

std::uint64_t WindowGeometry::pixels_needed(std::uint64_t window) const {
  const auto row = rows_.last_read(static_cast<std::uint32_t>(window / columns_.positions));
  const auto column = columns_.last_read(static_cast<std::uint32_t>(window % columns_.positions));
  return row && column ? std::uint64_t{*row} * columns_.size + *column + 1 : 0;
}

std::uint64_t WindowGeometry::first_pixel_from_row(std::uint32_t row) const {
  const auto first = rows_.first_read_from(row);
  return first ? std::uint64_t{*first} * columns_.size + *columns_.first_read_from(0)
               : pixels() + first_pixel_from_row(0);
}

std::uint64_t WindowGeometry::first_pixel_from(std::uint64_t window) const {
  const std::uint64_t frame_start = window / windows() * pixels();
  const auto row = static_cast<std::uint32_t>(window % windows() / columns_.positions);
  const auto column = static_cast<std::uint32_t>(window % columns_.positions);
  const auto first_row = rows_.first_read(row);
  const bool next_row_reads_it =
      first_row && row + 1 < rows_.positions && rows_.first_read_from(row + 1) == first_row;
  const auto first_column = columns_.first_read_from(column);
  if (first_row && first_column && !next_row_reads_it) {
    return frame_start + std::uint64_t{*first_row} * columns_.size + *first_column;
  }
  return frame_start + first_pixel_from_row(row + 1);
}

std::uint64_t WindowGeometry::pixels_alive(std::uint64_t windows_behind) const {
  std::uint64_t most = 0;
  for (std::uint64_t window = 0; window < windows(); ++window) {
    most = std::max(most, first_pixel_from(window + windows_behind) - first_pixel_from(window));
  }
  return most + buffer_pixels_;
}

std::uint64_t WindowGeometry::lines() const {
  return std::max<std::uint64_t>(rows_.kernel, (buffer_pixels_ - 2) / columns_.size + 2);
}

}  // namespace lacuna::tomato

#include "models/tomato/systemc/window.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lacuna::tomato::systemc {
namespace {

/// The windows along one direction of the map.
struct WindowRow {
  std::uint32_t pad;
  std::uint32_t kernel;
  std::uint32_t stride;
  std::uint32_t count;
};

/// The last of them that reads position `at`.
std::optional<std::uint64_t> last_reading(std::uint64_t at, const WindowRow& windows) {
  const std::uint64_t padded = at + windows.pad;
  const std::uint64_t last = std::min<std::uint64_t>(padded / windows.stride, windows.count - 1);
  if (last * windows.stride + windows.kernel <= padded) {
    return std::nullopt;
  }
  return last;
}

}  // namespace

Window::Window(const sc_core::sc_module_name& name, const UnitWiring& wiring) : UnitModule(name, wiring) {
  const MapShape& map = input_stream().map;
  buffer_pixels_ = unit().window.buffer_pixels(map.width);
  windows_until_dead_.resize(map.pixels());
  std::uint64_t read = 0;
  for (std::uint64_t pixel = 0; pixel < map.pixels(); ++pixel) {
    if (const std::optional<std::uint64_t> last = last_window_reading(pixel)) {
      read = std::max(read, *last + 1);
    }
    windows_until_dead_[pixel] = read;
  }
}

std::optional<std::uint64_t> Window::last_window_reading(std::uint64_t pixel) const {
  const WindowShape& w = unit().window;
  const MapShape& windows = output_stream().map;
  const std::uint64_t width = input_stream().map.width;
  const auto row = last_reading(pixel / width, {w.pad_top, w.kernel_height, w.stride, windows.height});
  const auto column = last_reading(pixel % width, {w.pad_left, w.kernel_width, w.stride, windows.width});
  if (!row || !column) {
    return std::nullopt;
  }
  return *row * windows.width + *column;
}

void Window::reset(const RunInput& input) {
  UnitModule::reset(input);
  accepted_ = 0;
  pushed_ = 0;
  pixels_ = plan().tokens_per_frame * input.frames;
  windows_ = plan().results_per_frame * input.frames;
  buffer_full_ = {};
  buffer_.assign(has_values() ? buffer_pixels_ : 0, {});
}

Window::Position Window::position(std::uint64_t window) const {
  const WindowShape& w = unit().window;
  const std::uint64_t in_frame = window % plan().results_per_frame;
  const std::uint64_t columns = output_stream().map.width;
  return {window / plan().results_per_frame,
          static_cast<std::int64_t>(in_frame / columns * w.stride) - w.pad_top,
          static_cast<std::int64_t>(in_frame % columns * w.stride) - w.pad_left};
}

bool Window::in_map(std::int64_t row, std::int64_t column) const {
  const MapShape& map = input_stream().map;
  return row >= 0 && column >= 0 && row < map.height && column < map.width;
}

std::uint64_t Window::pixels_needed() const {
  const MapShape& map = input_stream().map;
  const Position p = position(pushed_);
  const std::int64_t row = std::min<std::int64_t>(p.row + unit().window.kernel_height, map.height) - 1;
  const std::int64_t column = std::min<std::int64_t>(p.column + unit().window.kernel_width, map.width) - 1;
  if (row < 0 || column < 0 || p.row >= map.height || p.column >= map.width) {
    return 0;
  }
  return p.frame * plan().tokens_per_frame + static_cast<std::uint64_t>(row * map.width + column) + 1;
}

std::uint64_t Window::windows_needed() const {
  if (accepted_ < buffer_pixels_) {
    return 0;
  }
  const std::uint64_t overwritten = accepted_ - buffer_pixels_;
  const std::uint64_t frame = overwritten / plan().tokens_per_frame;
  const std::uint64_t windows = windows_until_dead_[overwritten % plan().tokens_per_frame];
  if (windows > 0) {
    return frame * plan().results_per_frame + windows;
  }
  // No window of this frame reads so far: the last one that reads the frame before decides, those behind it
  // lie in the padding.
  const std::uint64_t reading = windows_until_dead_.back();
  return frame == 0 || reading == 0 ? 0 : (frame - 1) * plan().results_per_frame + reading;
}

Values Window::gather(const Position& p) {
  const MapShape& map = input_stream().map;
  const std::int64_t padding =
      unit().window.padding == Padding::lowest ? input_stream().min_mantissa : std::int64_t{0};
  Values window;
  window.reserve(has_values() ? output_stream().values_per_token() : 0);
  for (std::int64_t row = p.row; row < p.row + unit().window.kernel_height; ++row) {
    for (std::int64_t column = p.column; column < p.column + unit().window.kernel_width; ++column) {
      const bool inside = in_map(row, column);
      events_[UnitEvent::line_buffer_reads] += inside ? map.channels : 0;
      if (!has_values()) {
        continue;
      }
      if (!inside) {
        window.insert(window.end(), map.channels, padding);
        continue;
      }
      const std::uint64_t pixel =
          p.frame * plan().tokens_per_frame + static_cast<std::uint64_t>(row * map.width + column);
      const auto& [number, values] = buffer_[pixel % buffer_pixels_];
      if (number != pixel) {
        throw std::logic_error("the line buffer lost a pixel that a window reads");
      }
      window.insert(window.end(), values.begin(), values.end());
    }
  }
  return window;
}

bool Window::emit(Cycle cycle, std::uint64_t accepted) {
  if (pushed_ == windows_) {
    meter_outputs(false, cycle);
    classes_.set(CycleClass::drained, cycle);
    return false;
  }
  const bool complete = accepted >= pixels_needed();
  meter_outputs(complete, cycle);
  if (!complete || !outputs_have_room(cycle)) {
    classes_.set(complete ? CycleClass::blocked : CycleClass::starved, cycle);
    return false;
  }
  push_result(gather(position(pushed_)), cycle);
  ++pushed_;
  classes_.set(CycleClass::busy, cycle);
  return true;
}

bool Window::accept(Cycle cycle, std::uint64_t pushed) {
  const bool more = accepted_ < pixels_;
  const bool empty = input().empty(cycle);
  const bool room = more && pushed >= windows_needed();
  input().empty_stall.set(more && empty, cycle);
  buffer_full_.set(more && !empty && !room, cycle);
  if (!more || empty || !room) {
    return false;
  }
  Values pixel = input().pop(cycle);
  moved(cycle);
  if (has_values()) {
    buffer_[accepted_ % buffer_pixels_] = {accepted_, std::move(pixel)};
  }
  ++accepted_;
  ++events_[UnitEvent::tokens_in];
  events_[UnitEvent::line_buffer_writes] += input_stream().map.channels;
  return true;
}

Cycle Window::step(Cycle cycle) {
  const std::uint64_t accepted = accepted_;
  const std::uint64_t pushed = pushed_;
  const bool emitted = emit(cycle, accepted);
  const bool took = accept(cycle, pushed);
  return emitted || took ? cycle + 1 : never;
}

UnitWait Window::wait(Cycle cycle) const {
  UnitWait wait;
  if (pushed_ < windows_ && accepted_ >= pixels_needed()) {
    wait.full_edge = full_edge(cycle);
  }
  if (accepted_ < pixels_) {
    wait.holds_token = pushed_ < windows_needed();
    if (input().empty(cycle)) {
      wait.empty_edge = plan().inputs.front();
    }
  }
  return wait;
}

UnitResult Window::result(Cycle end) const {
  UnitResult result = UnitModule::result(end);
  result.events[UnitEvent::line_buffer_full_cycles] = buffer_full_.total(end);
  return result;
}

}  // namespace lacuna::tomato::systemc

#include "models/tomato/timeline/window_timeline.h"

#include <algorithm>
#include <utility>

namespace lacuna::tomato::timeline {
namespace {

/// Rows (or columns) of the map that the window at one position covers, the padding left out.
struct Span {
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  std::uint32_t last() const { return first + count - 1; }
};

Span span_of(std::uint32_t position, std::uint32_t stride, std::uint32_t padding, std::uint32_t kernel,
             std::uint32_t size) {
  const std::int64_t start = std::int64_t{position} * stride - padding;
  const std::int64_t first = std::max<std::int64_t>(start, 0);
  const std::int64_t end = std::min<std::int64_t>(start + kernel, size);
  return end <= first ? Span{}
                      : Span{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end - first)};
}

/// How many frames lie between the oldest window in use and the newest, at most; windows that lie wholly in
/// the padding come before their frame.
std::uint64_t frames_in_buffer(const WindowReads& reads) {
  return reads.buffer_pixels / reads.pixels + 4;
}

}  // namespace

WindowReads window_reads(const MapShape& map, const WindowShape& window) {
  WindowReads reads;
  const std::uint32_t rows = window.output_height(map.height);
  const std::uint32_t columns = window.output_width(map.width);
  reads.pixels = map.pixels();
  reads.windows = std::uint64_t{rows} * columns;
  reads.buffer_pixels = window.buffer_pixels(map.width);
  reads.last_window.assign(reads.pixels, -1);
  reads.last_pixel.reserve(reads.windows);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const Span down = span_of(row, window.stride, window.pad_top, window.kernel_height, map.height);
    for (std::uint32_t column = 0; column < columns; ++column) {
      const Span across = span_of(column, window.stride, window.pad_left, window.kernel_width, map.width);
      if (down.count == 0 || across.count == 0) {
        reads.last_pixel.push_back(-1);
        continue;
      }
      const auto number = static_cast<std::int32_t>(reads.last_pixel.size());
      std::int32_t& last = reads.last_window[std::size_t{down.first} * map.width + across.first];
      last = std::max(last, number);
      reads.last_pixel.push_back(
          static_cast<std::int64_t>(std::uint64_t{down.last()} * map.width + across.last()));
    }
  }
  for (std::size_t pixel = 1; pixel < reads.pixels; ++pixel) {
    reads.last_window[pixel] = std::max(reads.last_window[pixel], reads.last_window[pixel - 1]);
  }
  return reads;
}

WindowTimeline::WindowTimeline(UnitPorts ports, WindowReads reads, std::uint64_t frames)
    : ports_(std::move(ports)),
      reads_(std::move(reads)),
      frames_(frames),
      accepts_(reads_.buffer_pixels + 1),
      emits_(reads_.windows * frames_in_buffer(reads_)) {}

std::uint64_t WindowTimeline::windows_before_accept() const {
  if (accepted_ < reads_.buffer_pixels) {
    return 0;
  }
  const std::int32_t last = reads_.last_window[replaced_in_frame_];
  if (last >= 0) {
    return windows_before_replaced_ + static_cast<std::uint64_t>(last + 1);
  }
  // Nothing up to there is read in its frame; in the frame before, windows behind the last that reads do not
  // count.
  const std::int32_t last_of_frame = reads_.last_window.back();
  return windows_before_replaced_ == 0 || last_of_frame < 0
             ? 0
             : windows_before_replaced_ - reads_.windows + static_cast<std::uint64_t>(last_of_frame + 1);
}

std::uint64_t WindowTimeline::pixels_before_emit() const {
  const std::int64_t last = reads_.last_pixel[window_in_frame_];
  return last < 0 ? 0 : frame_pixels_before_ + static_cast<std::uint64_t>(last) + 1;
}

bool WindowTimeline::try_accept(FifoTimes& input) {
  if (!input.has_token()) {
    return false;
  }
  const std::uint64_t before = windows_before_accept();
  if (emitted_ < before) {
    return false;
  }
  const Cycle ready = std::max(last_accept_ + 1, input.push_time() + 1);
  const Cycle time = before == 0 ? ready : std::max(ready, emits_[before - 1] + 1);
  full_cycles_ += time - ready;
  input.pop(time, last_accept_ + 1);
  accepts_.set(accepted_, time);
  last_accept_ = time;
  if (accepted_ >= reads_.buffer_pixels && ++replaced_in_frame_ == reads_.pixels) {
    replaced_in_frame_ = 0;
    windows_before_replaced_ += reads_.windows;
  }
  ++accepted_;
  return true;
}

bool WindowTimeline::try_emit(FifoTimes& output) {
  if (emitted_ == frames_ * reads_.windows || !output.has_room()) {
    return false;
  }
  const std::uint64_t needed = pixels_before_emit();
  if (accepted_ < needed) {
    return false;
  }
  const Cycle ready = needed == 0 ? last_emit_ + 1 : std::max(last_emit_ + 1, accepts_[needed - 1] + 1);
  const Cycle time = std::max(ready, output.room_time());
  classes_.add(ready - (last_emit_ + 1), time - ready, 1);
  output.push(time, ready);
  emits_.set(emitted_, time);
  last_emit_ = time;
  ++emitted_;
  if (++window_in_frame_ == reads_.windows) {
    window_in_frame_ = 0;
    frame_pixels_before_ += reads_.pixels;
  }
  return true;
}

Advance WindowTimeline::advance() {
  FifoTimes& input = *ports_.inputs.front();
  FifoTimes& output = *ports_.outputs.front();
  Advance done;
  for (;;) {
    const bool popped = try_accept(input);
    const bool pushed = try_emit(output);
    done.pushed += pushed ? 1 : 0;
    done.popped += popped ? 1 : 0;
    if (!pushed && !popped) {
      done.wants_token = emitted_ >= windows_before_accept();
      done.wants_room = accepted_ >= pixels_before_emit();
      return done;
    }
  }
}

UnitWait WindowTimeline::wait() const {
  UnitWait wait;
  wait.holds_token = emitted_ < windows_before_accept();
  if (emitted_ < frames_ * reads_.windows && accepted_ >= pixels_before_emit()) {
    wait.full_edge = ports_.first_full();
  }
  if (accepted_ < frames_ * reads_.pixels && !ports_.inputs.front()->has_token()) {
    wait.empty_edge = ports_.input_edges.front();
  }
  return wait;
}

}  // namespace lacuna::tomato::timeline

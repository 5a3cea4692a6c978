#pragma once

#include <cstdint>
#include <vector>

#include "models/tomato/pipeline.h"
#include "models/tomato/timeline/issue_timeline.h"
#include "models/tomato/timeline/unit_timeline.h"

namespace lacuna::tomato::timeline {

/// Which pixels the windows of a frame read, by number within the frame.
struct WindowReads {
  std::uint64_t pixels = 0;
  std::uint64_t windows = 0;
  std::uint64_t buffer_pixels = 0;       ///< B
  std::vector<std::int64_t> last_pixel;  ///< of each window, the largest it reads; -1 if it reads none
  std::vector<std::int32_t>
      last_window;  ///< of each pixel, the largest window that reads it or an earlier one; -1
};

WindowReads window_reads(const MapShape& map, const WindowShape& window);

/// The sliding window (contract, section 4).
class WindowTimeline : public UnitTimeline {
 public:
  WindowTimeline(UnitPorts ports, WindowReads reads, std::uint64_t frames);

  Advance advance() override;
  bool finished() const override {
    return accepted_ == frames_ * reads_.pixels && emitted_ == frames_ * reads_.windows;
  }
  std::uint64_t line_buffer_full_cycles() const override { return static_cast<std::uint64_t>(full_cycles_); }
  UnitWait wait() const override;

 private:
  bool try_accept(FifoTimes& input);
  bool try_emit(FifoTimes& output);
  /// Windows that must have been pushed before the next pixel is accepted.
  std::uint64_t windows_before_accept() const;
  /// Pixels that must have been accepted before the next window is pushed.
  std::uint64_t pixels_before_emit() const;

  UnitPorts ports_;
  WindowReads reads_;
  std::uint64_t frames_;
  CycleRing accepts_;
  CycleRing emits_;
  std::uint64_t accepted_ = 0;
  // The pixel whose place in the buffers the next one takes, once they are full.
  std::uint64_t replaced_in_frame_ = 0;
  std::uint64_t windows_before_replaced_ = 0;  ///< of the frames before that of this pixel
  std::uint64_t emitted_ = 0;
  std::uint64_t window_in_frame_ = 0;
  std::uint64_t frame_pixels_before_ = 0;  ///< pixels of the frames before that of the next window
  Cycle last_accept_ = -1;
  Cycle last_emit_ = -1;
  Cycle full_cycles_ = 0;
};

}  // namespace lacuna::tomato::timeline

#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "models/tomato/systemc/unit_module.h"

namespace lacuna::tomato::systemc {

/// Line buffers that make windows of pixels (contract, section 4).
class Window : public UnitModule {
 public:
  Window(const sc_core::sc_module_name& name, const UnitWiring& wiring);
  void reset(const RunInput& input) override;
  Cycle step(Cycle cycle) override;
  bool finished() const override { return accepted_ == pixels_ && pushed_ == windows_; }
  UnitWait wait(Cycle cycle) const override;
  UnitResult result(Cycle end) const override;

 private:
  struct Position {
    std::uint64_t frame;
    std::int64_t row;  ///< of the window's first tap, in the map
    std::int64_t column;
  };
  Position position(std::uint64_t window) const;
  bool in_map(std::int64_t row, std::int64_t column) const;
  /// Pixels of the run that must have been accepted for the next window: none for one wholly in the padding.
  std::uint64_t pixels_needed() const;
  /// Windows of the run that must have been pushed before the next pixel may take a buffer's place.
  std::uint64_t windows_needed() const;
  /// The last window of a frame that reads the pixel.
  std::optional<std::uint64_t> last_window_reading(std::uint64_t pixel) const;
  bool emit(Cycle cycle, std::uint64_t accepted);
  bool accept(Cycle cycle, std::uint64_t pushed);
  Values gather(const Position& position);

  std::uint64_t buffer_pixels_;
  /// Of each pixel: how many windows of a frame read it or one before it, counted up to the last of them.
  std::vector<std::uint64_t> windows_until_dead_;
  std::vector<std::pair<std::uint64_t, Values>> buffer_;  ///< pixel n at n mod size
  std::uint64_t accepted_ = 0;
  std::uint64_t pushed_ = 0;
  std::uint64_t pixels_ = 0;
  std::uint64_t windows_ = 0;
  StallMeter buffer_full_;
};

}  // namespace lacuna::tomato::systemc

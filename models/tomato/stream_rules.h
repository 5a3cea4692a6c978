#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/analysis_steps.h"

namespace lacuna::tomato {

/// Accumulators are at most this wide (contract, section 6).
inline constexpr int widest_accumulator_bits = 62;

/// A range of mantissas, in numbers wide enough for products of sums.
struct MantissaRange {
  long double low = 0;
  long double high = 0;
};

MantissaRange range_of(const Stream& stream);

MantissaRange product(const MantissaRange& a, const MantissaRange& b);

/// Sums of 0 to `terms` values.
MantissaRange sum(const MantissaRange& value, std::uint64_t terms);

/// Bits of the narrowest two's complement that holds the range.
int two_complement_bits(std::int64_t low, std::int64_t high);

/// Derives a unit's output from its inputs (contract, sections 4 to 6). Throws PipelineError for what
/// the unit cannot take.
class StreamRules {
 public:
  StreamRules(const Pipeline& pipeline, const Analysis& analysis, std::size_t position)
      : pipeline_(pipeline),
        analysis_(analysis),
        unit_(pipeline.units[position]),
        plan_(analysis.units[position]) {}

  /// By the unit's kind (unit_traits.h).
  Stream output() const;
  void check_gates() const;

  // What the kinds are made of.
  const Unit& unit() const { return unit_; }
  const Stream& input(std::size_t number = 0) const { return analysis_.streams[plan_.inputs[number]]; }
  Stream input_window() const;
  Stream input_pixel() const;
  static Stream pixel(Stream stream);
  static Stream collected(Stream stream);
  Stream accumulated(Stream stream, const MantissaRange& range) const;
  Stream source() const;
  Stream window() const;
  Stream weighted(const Stream& from, std::uint64_t terms, std::uint32_t channels) const;
  Stream added() const;
  Stream concatenated() const;
  Stream requantised() const;
  Stream gate() const;
  Stream boosted() const;
  Stream selected() const;
  /// Input channels that a sum is over; refuses groups that do not divide channels and outputs.
  std::uint64_t joined_channels() const;

 private:
  PipelineError error(const std::string& wrong, const std::string& allowed = {}) const;
  Stream coded(Stream stream, const NumberFormat& format) const;
  void check_gate(std::size_t number, std::uint32_t channels) const;
  void check_map(const MapShape& map) const { check_extents(map.height, map.width, map.channels); }
  void check_extents(std::uint64_t height, std::uint64_t width, std::uint64_t channels) const;
  void check_operand(const MantissaRange& range, const char* what) const;
  void check_weights(std::uint64_t count) const;
  void check_scales(const std::vector<std::int32_t>& values, std::uint32_t channels, const char* what) const;
  void check_maximum(const NumberFormat& format, std::int64_t maximum) const;

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  const Unit& unit_;
  const UnitPlan& plan_;
};

}  // namespace lacuna::tomato

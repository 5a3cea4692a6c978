#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// The loops of a convolution. `co` and `ci` are channels within a group.
enum class LoopAxis : std::uint8_t { group, co, ci, h, w, kh, kw };
inline constexpr std::size_t axis_count = 7;
const char* axis_name(LoopAxis axis);

/// What a convolution computes. With s = stride, p = padding, and the band b of an output row h,
///
///   Y[g][co][h][w] = sum over ci, kh, kw of K[b][g][co][ci][kh][kw] * X[g][ci][h s + kh - p][w s + kw - p],
///
/// where X is 0 outside the map and outside the rows of the band: bands are cut first and padded one by one.
struct Domain {
  std::uint32_t groups = 1;
  std::uint32_t co = 1;       ///< of a group
  std::uint32_t ci = 1;       ///< likewise
  std::uint32_t input_h = 1;  ///< rows of the input
  std::uint32_t input_w = 1;
  std::uint32_t kh = 1;
  std::uint32_t kw = 1;
  std::uint32_t stride = 1;
  std::uint32_t padding = 0;  ///< above, below, left and right
  std::uint32_t bands = 1;    ///< of rows, each with weights of its own; divides the input's rows

  /// Output rows, of all bands, and columns.
  std::uint32_t h() const { return bands * ((input_h / bands + 2 * padding - kh) / stride + 1); }
  std::uint32_t w() const { return (input_w + 2 * padding - kw) / stride + 1; }
  std::uint32_t extent(LoopAxis axis) const;
  std::uint32_t input_channels() const { return groups * ci; }
  std::uint32_t output_channels() const { return groups * co; }
  std::uint64_t weights() const;
  /// Products of one frame; those with padding count.
  std::uint64_t products() const;

  friend bool operator==(const Domain& a, const Domain& b);
  friend bool operator!=(const Domain& a, const Domain& b) { return !(a == b); }
};

/// One loop: `size` turns, each `step` further on its axis. Several of an axis add up; indices beyond the
/// axis's extent are left out.
struct Level {
  LoopAxis axis = LoopAxis::co;
  std::uint32_t size = 1;
  std::uint32_t step = 1;
  bool is_unrolled = false;  ///< its turns are done at once, in lanes of their own

  friend bool operator==(const Level& a, const Level& b) {
    return a.axis == b.axis && a.size == b.size && a.step == b.step && a.is_unrolled == b.is_unrolled;
  }
};

/// A convolution and the order in which its products are formed: what a compiler's polyhedral representation
/// has as iteration domain and schedule (Turner, Crowley and O'Boyle, ASPLOS 2021, for networks).
struct LoopNest {
  Domain domain;
  std::vector<Level> levels;  ///< the outermost first
};

/// One loop for each axis, pixel by pixel as streams carry them: h, w, group, co, ci, kh, kw. Throws
/// ConfigurationError for a domain with a zero, with bands that do not divide its rows, or with a kernel that
/// is larger than the padded input.
LoopNest make_nest(const Domain& domain);

/// How products are added up.
enum class Accumulation {
  exact,   ///< integers: the order of a sum does not matter
  rounded  ///< floating point: each sum has to be formed in its order
};

/// Whether `after` computes what `before` does: the same products for the same outputs, each once, and with
/// rounded accumulation each sum in the same order (no loop over its products unrolled).
bool is_dependence_preserving(const LoopNest& before, const LoopNest& after, Accumulation accumulation);

/// The text of a schedule, such as "h w co/4 ci |co4|": loops that are cut show their steps, unrolled ones
/// stand in bars.
std::string schedule_text(const LoopNest& nest);

}  // namespace lacuna

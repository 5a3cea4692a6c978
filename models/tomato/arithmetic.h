#pragma once

#include <cstdint>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"

namespace lacuna::tomato {

// What the units compute, token by token, in exact integers (contract, section 6). Not timing, so that
// engines may share it.

/// The values of one token, [tap][channel].
using Values = std::vector<std::int64_t>;

/// Tells which channels are open; empty: all.
using Gate = std::vector<std::int64_t>;

inline bool is_open(const Gate& gate, std::size_t channel) {
  return gate.empty() || gate[channel] > 0;
}

/// Convolution and pointwise: sums over all taps and the input channels of the output's group. `accumulate`
/// adds to what `sums` holds (fully connected: `pixel` selects the weights of one pixel of `pixels`). Closed
/// input channels count as zeros, closed output channels give 0.
class DotProducts {
 public:
  /// `narrow`: every partial sum fits 32 bits.
  DotProducts(const Unit& unit, const Stream& input, const Stream& output);

  void multiply(const Values& input, const Gate& input_gate, const Gate& output_gate, Values& sums,
                std::uint64_t pixel = 0, std::uint64_t pixels = 1, bool accumulate = false);

 private:
  const Unit& unit_;
  bool narrow_;
  std::size_t channels_;
  std::size_t joined_;  ///< channels of a group
  std::size_t taps_;
  std::vector<std::int32_t> operands_;  ///< [group][tap][channel of the group]
};

/// Select: the chosen channels of a pixel.
void select_channels(const Unit& unit, const Values& pixel, Values& selected);

/// Depthwise: sums over taps, channel by channel.
void multiply_depthwise(const Unit& unit, const Stream& input, const Values& window, const Gate& gate,
                        Values& sums);

/// Pools over a window's taps, and adding a pixel to a frame's sums.
void pool_largest(const Stream& input, const Values& window, Values& largest);
void pool_sums(const Stream& input, const Values& window, Values& sums);
void add_to(Values& sums, const Values& pixel);

/// Residual add with the alignment of units.
void add_aligned(const Stream& a, const Values& x, const Stream& b, const Values& y, Values& sums);

/// Brings values to the format; returns how many saturated.
std::uint64_t requantise(const Requantisation& requantisation, Values& values);

/// The gate of the largest positive values, of which each of `lanes` lanes (channel c is in lane c mod
/// `lanes`) has as many as the turns that it has in `winners` steps; lower channels win ties.
/// `winners_without_values`: the first channels, which are so many of each lane.
void keep_winners(std::uint32_t winners, std::uint32_t lanes, Values& values);
Gate winners_without_values(std::uint32_t winners, std::uint32_t channels);

/// Open channels, and the largest number of them in one lane (channel c is in lane c mod `lanes`).
struct OpenChannels {
  std::uint64_t count = 0;
  std::uint64_t steps = 0;
};
OpenChannels open_channels(const Gate& gate, std::uint32_t channels, std::uint32_t lanes);

}  // namespace lacuna::tomato

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tomato/pipeline.h"
#include "tests/models/tomato/plain_numbers.h"

// What each kind of unit makes of whole maps.
namespace lacuna::test::plain {

/// A map of real numbers: [row][column][channel].
struct RealMap {
  tomato::MapShape shape;
  std::vector<Real> values;
};

/// Channels that are computed: those where the map is above 0; all without a map.
struct Gate {
  RealMap map{};
  bool open(std::size_t channel) const {
    return map.values.empty() || map.values[channel % map.values.size()] > 0;
  }
};
struct Gates {
  Gate inputs;
  Gate outputs;
};

/// A map seen through windows. Beyond its edges all numbers are `outside`.
struct WindowedMap {
  const RealMap& input;
  const tomato::WindowShape& window;
  Real outside;

  /// The channels of what the window of output pixel (y, x) has at a tap; null beyond the edges.
  const Real* pixel(std::uint32_t y, std::uint32_t x, std::uint32_t tap) const;
  Real at(std::uint32_t y, std::uint32_t x, std::uint32_t tap, std::size_t channel) const {
    const Real* const channels = pixel(y, x, tap);
    return channels == nullptr ? outside : channels[channel];
  }
};

/// Outputs of an engine that joins channels, and the equal parts of channels and outputs that it joins apart.
struct Joined {
  std::uint32_t outputs = 1;
  std::uint32_t groups = 1;
};

/// Weights are [output][tap][input of the output's group].
RealMap convolution(const WindowedMap& windows, const std::vector<Real>& weights, const Joined& joined,
                    const Gates& gates);

/// Weights are [channel][tap]; all are 1 where there are none.
RealMap depthwise(const WindowedMap& windows, const std::vector<Real>& weights, const Gate& outputs);
RealMap max_pool(const WindowedMap& windows);

/// Weights are [output][input of the output's group].
RealMap pointwise(const RealMap& input, const std::vector<Real>& weights, const Joined& joined,
                  const Gates& gates);

/// `input_exponent` is the unit exponent of the input's mantissas.
RealMap requantised(const tomato::Requantisation& r, RealMap map, int input_exponent);

RealMap global_sum(const RealMap& input);
RealMap added(RealMap a, const RealMap& b);
/// Each channel times its factor.
RealMap boosted(RealMap map, const RealMap& factors);
/// The channels of both.
RealMap concat(const RealMap& a, const RealMap& b);
/// Channels in the order in which they are named.
RealMap selected(const RealMap& input, const std::vector<std::uint32_t>& channels);
/// All but the largest `count` numbers above 0 set to 0.
RealMap winners(RealMap map, std::uint32_t count, std::uint32_t lanes);

}  // namespace lacuna::test::plain

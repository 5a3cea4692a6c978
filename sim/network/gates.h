#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// The winners among saliencies: a mask, 1 for each channel that is kept. Channel c is in lane c mod `lanes`;
/// lanes take turns to choose the largest that is left in them, `winners` turns in all, so that of equal ones
/// the lower channel wins, and one lane means the `winners` largest. Saliencies that are not positive never
/// win. The rule of the streaming machine's `winners` unit (docs/microarchitecture-tomato.md, section 6).
std::vector<std::uint8_t> choose_winners(const float* saliencies, std::size_t channels, std::uint32_t winners,
                                         std::uint32_t lanes);

/// The saliencies of a layer with gates for one input, all of them: a rectified product of its gates' weights
/// and the means of the input's channels. Sums in double precision, rounded once.
std::vector<float> saliencies(const NetworkLayer& layer, const Tensor& input);

/// Multiplies each channel by its saliency, or by 0 where it does not win.
void apply_gates(const std::vector<float>& saliencies, const GateSource& gates, Tensor& output);

/// Channels kept of `channels`: the nearest number to the share, at least 1.
std::uint32_t kept_channels(double share, std::uint32_t channels);

}  // namespace lacuna

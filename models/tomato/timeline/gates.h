#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/counters.h"

namespace lacuna::tomato::timeline {

/// Which channels are open, one for each channel.
using OpenChannels = std::vector<bool>;

/// The gates of a frame, as in Pipeline::units: what each `winners` lets through; empty for other units.
using FrameGates = std::vector<OpenChannels>;

/// Gates of a frame without values: the first channels (contract, section 6).
FrameGates first_channels_open(const Pipeline& pipeline, const Analysis& analysis);

/// The `winners` unit whose gate arrives at an edge.
std::size_t gate_origin(const Pipeline& pipeline, const Analysis& analysis, std::size_t edge);

/// Channels that a unit works on in a frame. All are open where there is no gate.
struct UnitGates {
  const OpenChannels* outputs = nullptr;
  const OpenChannels* inputs = nullptr;
};

UnitGates unit_gates(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                     const FrameGates& gates);

/// Open channels of so many.
std::uint64_t open_count(const OpenChannels* gate, std::uint64_t channels);

/// I of a unit under its gates (contract, section 5).
std::uint64_t issue_cycles(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                           const UnitGates& gates);

/// Events of one unit in one frame (contract, section 8), but for saturations, which depend on values, and
/// line_buffer_full_cycles, which depend on time.
UnitEventCounts frame_events(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                             const UnitGates& gates);

}  // namespace lacuna::tomato::timeline

#pragma once

#include <cstddef>
#include <cstdint>

#include "models/tomato/analysis.h"
#include "models/tomato/counters.h"
#include "models/tomato/parameters.h"
#include "models/tomato/pipeline.h"

namespace lacuna::tomato {

/// value / by, rounded up; `by` is not 0.
inline constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

class StreamRules;

/// A unit in a pipeline, for what its kind says of it. Streams are those of its first input and output; one
/// that it does not have is empty.
struct UnitInPipeline {
  const Unit& unit;
  const UnitPlan& plan;
  const Stream& input;
  const Stream& output;
  const Parameters& parameters;
};

/// What the graph, the plan, the counts and the tools know of a kind of unit: all that is not arithmetic. A
/// kind is an entry of the table in unit_traits.cpp and what it does: a function on a frame's values
/// (timeline/frame_run.h), a module (systemc/make_unit.cpp), and the price of its operators where it has some
/// (sim/tomato/resources.cpp); the compiler names the places where one is missing.
struct UnitTraits {
  const char* name = "";  ///< in files and reports

  std::uint32_t inputs = 1;  ///< gates apart; the fewest if there may be more
  std::uint32_t outputs = 1;
  bool may_have_more_inputs = false;
  bool may_have_more_outputs = false;
  bool has_gate = false;  ///< an input for a gate, always; units with weights have one when they are told to

  bool has_weights = false;
  bool joins_channels = false;    ///< each output is a sum over input channels
  bool may_have_groups = false;   ///< each output of a group over those of its group
  bool collects_frame = false;    ///< one result for all tokens of a frame
  bool unrolls_channels = false;  ///< works on so many channels at once, each on its own
  bool unrolls_taps = false;

  /// The output stream (the sink: its input); throws what StreamRules throws.
  Stream (*output)(const StreamRules& rules) = nullptr;
  /// Cycles that a token is worked on, where it is not the product of the steps of what is unrolled.
  std::uint64_t (*issue_cycles)(const UnitInPipeline& unit) = nullptr;
  /// Stages of its pipe; null: one.
  std::uint64_t (*latency_cycles)(const UnitInPipeline& unit) = nullptr;
  /// Adds its events of one frame (contract, section 8), but for tokens and for products of weights. The
  /// clocked engine counts its own. Null: none.
  void (*count_frame)(const UnitInPipeline& unit, UnitEventCounts& events) = nullptr;
};

const UnitTraits& traits(UnitKind kind);

/// What a unit can be unrolled over. A dimension that its kind does not unroll is 1.
struct UnrollLimits {
  std::uint32_t input_channels = 1;
  std::uint32_t output_channels = 1;
  std::uint32_t taps = 1;
};

/// `input` is the stream at its first input.
UnrollLimits unroll_limits(const Unit& unit, const Stream& input);

/// Weights that a unit stores; 0 without.
std::uint64_t stored_weights(const Unit& unit, const Stream& input);

/// Parts of the channels that the unit joins apart.
std::uint32_t channel_groups(const Unit& unit);

/// Input channels that a sum of the unit is over; 1 where it joins none. `input` is the stream at its first
/// input.
std::uint32_t joined_channels(const Unit& unit, const Stream& input);

/// Parts into which a token at the first input falls for the unit: those of one step are read together.
std::uint64_t operand_slices(const Unit& unit, const UnitPlan& plan);

}  // namespace lacuna::tomato

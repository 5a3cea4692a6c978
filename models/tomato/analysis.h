#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/parameters.h"
#include "models/tomato/pipeline.h"

namespace lacuna::tomato {

/// What a stream carries. A token is a pixel (taps = 1), a window (taps > 1 or straight from a window unit),
/// or a frame's gate. Its values are mantissas, ordered [tap][channel].
struct Stream {
  MapShape map;  ///< pixels per frame and channels; for windows the output positions
  std::uint32_t taps = 1;
  bool is_window = false;
  bool is_gate = false;  ///< from winners: one token per frame, positive for kept channels
  int width_bits = 0;    ///< of one value in hardware (a code or an accumulator)
  int unit_exponent = 0;
  std::int64_t min_mantissa = 0;
  std::int64_t max_mantissa = 0;

  std::uint64_t tokens_per_frame() const { return map.pixels(); }
  std::uint64_t values_per_token() const { return std::uint64_t{taps} * map.channels; }
  std::uint64_t bits_per_token() const { return values_per_token() * static_cast<std::uint64_t>(width_bits); }
};

/// Edges of a unit by input and by output, and the constants of its timing (contract, section 5).
struct UnitPlan {
  std::vector<std::size_t> inputs;     ///< edge at each input
  std::vector<std::size_t> outputs;    ///< edge at each output
  std::uint64_t tokens_per_frame = 0;  ///< accepted at input 0 (source: emitted)
  std::uint64_t results_per_frame = 0;
  std::uint64_t issue_cycles = 1;    ///< I, with all gates open; winners: cycles of the selection
  std::uint64_t latency_cycles = 1;  ///< P
  std::uint32_t input_steps = 1;     ///< ceil(input channels / lanes), gates open
  std::uint32_t output_steps = 1;
  std::uint32_t tap_steps = 1;
  std::optional<std::size_t> output_gate_input;  ///< input number of the gate
  std::optional<std::size_t> input_gate_input;
  bool fully_unrolled = false;  ///< issue_cycles = 1 and weights need no memory
};

/// A checked pipeline.
struct Analysis {
  std::vector<UnitPlan> units;
  std::vector<Stream> streams;     ///< of each edge
  std::vector<std::size_t> order;  ///< units, producers before consumers, ties by position
  std::size_t source = 0;
  std::size_t sink = 0;
};

/// Checks a pipeline and derives what both engines need. Throws PipelineError, naming the unit, for
/// graphs that are not connected as described at `Edge`, shapes or formats that do not fit each other, and
/// accumulators of more than 62 bits (46 before a requantisation) or operands of more than 32.
Analysis analyse(const Pipeline& pipeline, const Parameters& parameters);

}  // namespace lacuna::tomato

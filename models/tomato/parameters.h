#pragma once

#include <cstdint>

namespace lacuna::tomato {

/// What all units of a streaming machine share: the clock and the depths of operators, in cycles.
/// Unit-specific choices (unroll factors, formats, FIFO depths) stand in the pipeline (pipeline.h). Keys,
/// ranges and meanings are declared in `describe`, for the YAML reader, the schema and the result JSON.
struct Parameters {
  double clock_mhz = 157.0;
  std::uint32_t multiplier_latency_cycles = 3;
  std::uint32_t shifter_latency_cycles = 1;
  std::uint32_t selector_latency_cycles = 1;
  std::uint32_t adder_levels_per_cycle = 1;
  std::uint32_t comparator_levels_per_cycle = 1;
  std::uint32_t accumulator_latency_cycles = 1;
  std::uint32_t requantisation_latency_cycles = 4;

  /// See eie::Parameters::describe.
  template <class Self, class Visitor>
  static void describe(Self& p, Visitor&& v) {
    v.real("clock_mhz", p.clock_mhz, 0.001, 100000.0, "clock frequency");
    v.integer("multiplier_latency_cycles", p.multiplier_latency_cycles, 1, 64,
              "stages of a multiplier of fixed-point weights");
    v.integer("shifter_latency_cycles", p.shifter_latency_cycles, 1, 64,
              "stages of a barrel shifter, the multiplier of shift weights");
    v.integer("selector_latency_cycles", p.selector_latency_cycles, 1, 64,
              "stages of the sign selection that multiplies by ternary and binary weights");
    v.integer("adder_levels_per_cycle", p.adder_levels_per_cycle, 1, 16,
              "levels of an adder tree between two registers");
    v.integer("comparator_levels_per_cycle", p.comparator_levels_per_cycle, 1, 16,
              "levels of a comparator tree between two registers");
    v.integer("accumulator_latency_cycles", p.accumulator_latency_cycles, 1, 64,
              "stages of the accumulator behind an adder tree");
    v.integer("requantisation_latency_cycles", p.requantisation_latency_cycles, 1, 64,
              "stages of scale, offset, rounding and saturation");
  }
};

}  // namespace lacuna::tomato

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// One layer of a run: all its units together.
struct LayerSummary {
  std::string name;
  std::string kind;     ///< of its engine
  std::string weights;  ///< format; empty without weights
  std::string outputs;  ///< format
  std::size_t device = 0;
  std::size_t engine = 0;               ///< the unit that carries its name, in Pipeline::units
  Unroll unroll;
  std::uint64_t cycles_per_frame = 0;   ///< of that unit: tokens x issue cycles
  double utilisation = 0.0;             ///< cycles_per_frame / the machine's cycles per frame
  UnitEventCounts events;
  CycleClassCounts cycles;              ///< of that unit
  std::uint64_t fifo_high_water_mark = 0;  ///< the largest of the FIFOs in front of its units
  std::uint64_t fifo_depth = 0;            ///< of that FIFO
  std::uint64_t fifo_slots = 0;            ///< all its FIFOs
  Resources resources;
};

/// As in the pipeline, source and sink with the layers they serve.
std::vector<LayerSummary> layer_summaries(const TomatoReport& report);

/// Cycles from the end of a frame to the end of the next, in the steady state as far as the run got: for one frame the
/// bottleneck's.
std::uint64_t steady_cycles_per_frame(const TomatoReport& report);

/// Frames per second in the steady state, and the time from reset to the end of the first frame.
double frames_per_second(const TomatoConfig& config, const TomatoReport& report);
double latency_us(const TomatoConfig& config, const TomatoReport& report);

}  // namespace lacuna::tomato

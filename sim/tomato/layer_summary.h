#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// One layer of a run: all its units together. Its cycles are those of its engine, the unit that carries its
/// name.
struct LayerSummary {
  std::string name;
  std::string kind;     ///< of its engine
  std::string weights;  ///< format; empty without weights
  std::string outputs;  ///< format
  std::size_t device = 0;
  std::size_t engine = 0;  ///< in Pipeline::units
  Unroll unroll;
  CycleClassCounts cycles;                     ///< of the engine, in the whole run
  double busy_cycles_per_frame = 0.0;          ///< of the engine, the mean of all frames
  std::uint64_t planned_cycles_per_frame = 0;  ///< of the engine, with all gates open: tokens x issue cycles
  std::optional<double> utilisation;           ///< see `utilisation_of`
  UnitEventCounts events;
  std::uint64_t fifo_high_water_mark = 0;  ///< the largest of the FIFOs in front of its units
  std::uint64_t fifo_depth = 0;            ///< of that FIFO
  std::uint64_t fifo_slots = 0;            ///< all its FIFOs
  Resources resources;
};

/// As in the pipeline, source and sink with the layers they serve.
std::vector<LayerSummary> layer_summaries(const TomatoReport& report);

/// Share of the time that a full machine takes for the run's frames (cycles per frame of its steady state x
/// frames) in which a unit is busy; nothing for one frame, which has no steady state. Where gates depend on
/// data, or few frames ran, the steady state is an estimate: the time is at least that of the busiest unit.
std::optional<double> utilisation_of(const RunResult& result, std::size_t unit);

/// Frames per second in the steady state; nothing for one frame.
std::optional<double> frames_per_second(const TomatoConfig& config, const TomatoReport& report);
/// The time from reset to the end of the first frame.
double latency_us(const TomatoConfig& config, const TomatoReport& report);

/// Whether the steady state keeps to the cycles per frame that the machine was balanced for; nothing without
/// a steady state or a target.
std::optional<bool> meets_target(const TomatoReport& report);

/// What a reader of the figures must know: a figure that is not known or not exact, a target that is missed.
std::vector<std::string> notes_of(const TomatoReport& report);

/// Cycles per frame for people: whole numbers without a point.
std::string cycles_text(double cycles);

}  // namespace lacuna::tomato

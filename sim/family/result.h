#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/common/counts.h"
#include "models/common/interval_counts.h"
#include "sim/energy/costs.h"
#include "sim/family/layer_values.h"
#include "sim/family/result_parts.h"

namespace lacuna {

/// A count, and what it counts: name, unit and meaning are those of the machine's own declaration.
struct NamedCount {
  const CounterInfo* info = nullptr;
  std::uint64_t value = 0;
};
using NamedCounts = std::vector<NamedCount>;

/// Appends an array of counts with the infos of its enumeration, which live as long as the program.
template <class Values, class Infos>
void append_counts(NamedCounts& counts, const Values& values, const Infos& infos) {
  for (std::size_t i = 0; i < infos.size(); ++i) {
    counts.push_back({&infos[i], values[i]});
  }
}

/// What every family can say of a layer, and of all layers together.
struct Measured {
  std::string name;
  std::uint64_t cycles = 0;
  double time_us = 0.0;
  std::uint64_t multiply_accumulates = 0;
  NamedCounts cycle_classes;  ///< of all PEs or units; the class of useful work first
  NamedCounts events;
  std::optional<EnergyReport> energy;
  std::optional<double> area_mm2;
  nlohmann::ordered_json resources;  ///< of an FPGA, by kind; null where there are none
  nlohmann::ordered_json memory;     ///< phases of a memory outside (sim/memory); null without one
  std::string outputs_checksum;      ///< SHA-256; empty when no outputs were computed
  std::optional<Classification> classification;
  std::optional<LayerNumbers> numbers;                            ///< of layers, where values were computed
  nlohmann::ordered_json own = nlohmann::ordered_json::object();  ///< what only the family knows
};

/// Cycle classes of a part of a run. Over all parts they sum to the totals' classes. Cycles are numbered from
/// the run's first on, without gaps: where a machine does one thing after the other (layers, and the vectors
/// of each), the number goes on from one to the next. An interval may hold the end of one and the beginning
/// of another; the last may be shorter.
struct Interval {
  std::uint64_t first_cycle = 0;
  std::uint64_t cycles = 0;
  NamedCounts cycle_classes;
  std::vector<std::uint64_t> busy_of_each;  ///< useful cycles of each PE or unit; empty where not known
};

/// What an engine counted, with the infos of its classes, which live as long as the program.
template <class Class, std::size_t Classes>
std::vector<Interval> intervals_of(const IntervalCounts<Class, Classes>& counted,
                                   const std::array<CounterInfo, Classes>& infos) {
  std::vector<Interval> intervals;
  intervals.reserve(counted.counts().size());
  for (const Counts<Class, Classes>& counts : counted.counts()) {
    Interval& interval = intervals.emplace_back();
    interval.first_cycle = (intervals.size() - 1) * counted.interval_cycles();
    interval.cycles = std::min(counted.interval_cycles(), counted.cycles() - interval.first_cycle);
    append_counts(interval.cycle_classes, counts.values, infos);
    interval.busy_of_each = counted.busy_of_each(intervals.size() - 1);
  }
  return intervals;
}

/// What a run gave.
struct Result {
  std::string family;
  std::string engine;
  std::uint64_t seed = 0;
  nlohmann::ordered_json configuration;  ///< as it was after base files and the command line
  std::vector<InputFile> inputs;
  std::string energy_table;  ///< its name; empty without one
  std::vector<std::string> notes;
  const CostedMachine* costed = nullptr;  ///< names of the energies' modules and events
  std::vector<Measured> layers;
  Measured totals;
  std::vector<Interval> intervals;  ///< empty unless they were asked for
  std::vector<LayerValues> values;  ///< the same; the last is that of the last layer
  nlohmann::ordered_json own = nlohmann::ordered_json::object();
  bool checks_passed = true;  ///< false: the run compared itself with another engine and differed
  std::string text;           ///< the tables that a terminal shows
};

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/counts.h"
#include "sim/energy/technology.h"
#include "sim/family/design_space.h"
#include "sim/family/result.h"

namespace lacuna {

/// What a machine counts, in the order of its runs; the infos live as long as the program.
struct PlainNames {
  std::vector<const CounterInfo*> cycle_classes;  ///< the class of useful work first
  std::vector<const CounterInfo*> events;
};

/// What `Machine` (PlainFamily) counts.
template <class Machine>
const PlainNames& plain_names() {
  static const PlainNames all = [] {
    PlainNames names;
    for (const CounterInfo& info : Machine::cycle_classes) {
      names.cycle_classes.push_back(&info);
    }
    for (const CounterInfo& info : Machine::events) {
      names.events.push_back(&info);
    }
    return names;
  }();
  return all;
}

/// What an engine counted. Nothing in it depends on the engine or on an energy table.
struct PlainRun {
  std::string name;  ///< of what ran, as results show it
  std::uint64_t cycles = 0;
  std::uint64_t multiply_accumulates = 0;
  std::vector<std::uint64_t> cycle_classes;
  std::vector<std::uint64_t> events;
  std::string outputs_checksum;  ///< SHA-256; empty when no outputs were computed
  nlohmann::ordered_json own = nlohmann::ordered_json::object();  ///< what only the family knows
};

/// A run with counts (models/common/counts.h) and outputs as engines have them.
template <class Classes, class Events, class Outputs>
PlainRun plain_run(std::string name, std::uint64_t cycles, std::uint64_t multiply_accumulates,
                   const Classes& classes, const Events& events, const Outputs& outputs) {
  PlainRun run;
  run.name = std::move(name);
  run.cycles = cycles;
  run.multiply_accumulates = multiply_accumulates;
  run.cycle_classes.assign(classes.values.begin(), classes.values.end());
  run.events.assign(events.values.begin(), events.values.end());
  run.outputs_checksum = sha256_bytes(outputs.data(), outputs.size() * sizeof(typename Outputs::value_type));
  return run;
}

/// The run as bytes.
std::string encode_run(const PlainRun& run);
/// The same run. Throws InputDataError (place: store) when the bytes are damaged.
PlainRun decode_run(const std::string& bytes, const PlainNames& names, const std::string& store);

/// The first count in which two runs differ, as a sentence; empty when they are equal.
std::string first_difference(const PlainRun& a, const PlainRun& b, const PlainNames& names);

/// What the run's counts mean on a machine; `costs` is null without a table, `costed` then is, too.
Measured measured_run(const PlainRun& run, const PlainNames& names, double clock_mhz,
                      const CostedMachine* costed, const Costs* costs);

/// Names of all metrics, in the order of result files: those that all families have, then
/// `stall_cycles.CLASS`, `counters.EVENT` and `energy_nj.MODULE`.
std::vector<std::string> plain_metric_names(const PlainNames& names, const CostedMachine* costed);
/// The metrics of a run, in the same order.
std::vector<MetricValue> plain_metrics(const Measured& measured, const CostedMachine* costed);

/// The tables that a terminal shows of a result with one layer.
std::string plain_text(const Result& result);

}  // namespace lacuna

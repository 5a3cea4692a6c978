#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/cycle_observer.h"
#include "models/eie/engine.h"
#include "tests/models/eie/random_case.h"

namespace lacuna::test {

/// What a run did, with its trace of broadcasts and queue occupancies.
struct ObservedRun : eie::CycleObserver {
  struct Broadcast {
    eie::CycleNumber cycle;
    eie::ColumnNumber column;
    std::int32_t value;
  };
  eie::RunResult result;
  std::vector<Broadcast> broadcasts;
  std::vector<std::vector<std::uint32_t>> occupancy;  ///< [cycle][pe]

  void broadcast(eie::CycleNumber cycle, eie::ColumnNumber column, std::int32_t value) override {
    broadcasts.push_back({cycle, column, value});
  }
  void occupancies(eie::CycleNumber /*cycle*/, const std::vector<std::uint32_t>& entries) override {
    occupancy.push_back(entries);
  }
};

/// Runs a case on the SystemC machine in a process of its own; throws CapacityError when it does not fit.
eie::RunResult run_systemc(const Case& c);
/// The same run after `runs_before` others, with every activation set, on the same machine.
eie::RunResult run_systemc_after(const Case& c, int runs_before);
ObservedRun run_systemc_observed(const Case& c);

/// Entries and true nonzeros of the image under the columns that this run broadcasts.
struct ActiveEntries {
  std::uint64_t stored = 0;
  std::uint64_t nonzeros = 0;
};
ActiveEntries active_entries(const Case& c);

}  // namespace lacuna::test

#pragma once

#include <cstdint>

#include "models/eie/counters.h"

namespace lacuna::eie::systemc {

/// What the machine is doing in a cycle (contract, section 8); waves show it as a number, from 0.
enum class Phase : std::uint8_t { idle, load, compute, store };

/// The nets between central control and processing elements.
///
/// Central control settles at the falling edge: by then every register that changed at the rising edge is
/// stable. It drives the first group, which the PEs sample at the next rising edge. The PEs drive the second
/// group at the rising edge, by additions that commute, so that no result depends on the order in which the
/// kernel runs them. This is why plain variables do, where an sc_signal per net would cost more than the
/// machine itself (docs/architecture.md).
struct Lines {
  // Driven by central control.
  Phase phase = Phase::idle;
  bool broadcast = false;                  ///< an activation is sent in this cycle
  std::uint32_t column = 0;                ///< its image column
  std::int32_t value = 0;                  ///< its raw value
  CycleClass cause = CycleClass::starved;  ///< why there is no broadcast
  std::uint64_t cycle = 0;                 ///< of the run

  // Driven by the processing elements.
  std::uint32_t full_queues = 0;  ///< the OR of all full flags, as a count
  std::uint32_t active_pes = 0;   ///< PEs that hold anything in queue or pipeline
};

}  // namespace lacuna::eie::systemc

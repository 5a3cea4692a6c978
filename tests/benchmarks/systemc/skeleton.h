#pragma once

#include <cstdint>

namespace lacuna::benchmark {

/// The floor under any clocked SystemC model with a process per PE: `pes` modules with one SC_METHOD at the
/// rising edge each.
enum class Skeleton {
  shared_signal,  ///< all read one sc_signal, which one control module writes every cycle
  own_signals,    ///< each writes an sc_signal of its own every cycle
};

/// Runs a skeleton for `cycles` clock cycles; returns a count that depends on every cycle of every PE.
std::uint64_t run_skeleton(Skeleton kind, std::uint32_t pes, std::uint64_t cycles);

}  // namespace lacuna::benchmark

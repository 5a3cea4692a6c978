#pragma once

#include <cstdint>

namespace lacuna::benchmark {

/// The floor under any clocked SystemC model with a process per PE: `pes` modules with one SC_METHOD at the
/// rising edge each, which read one sc_signal that changes every cycle and count. Returns the sum of the
/// counts.
std::uint64_t run_skeleton(std::uint32_t pes, std::uint64_t cycles);

}  // namespace lacuna::benchmark

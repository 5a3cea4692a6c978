#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "models/common/counts.h"
#include "models/memory/parameters.h"

/// When a machine's constants, inputs and results pass between it and memory, and what of that no run hides.
/// The machine is seen from outside: runs of so many cycles. So whatever engine counted these, the phases are
/// the same (docs/memory.md).
namespace lacuna::memory {

/// What passes between memory and machine: X(name, unit, meaning). As cycle classes: cycles in which no run
/// goes on, by the transfer that is waited for.
#define LACUNA_MEMORY_PHASES(X)                                                  \
  X(load_descriptor, "cycles", "no run: the job's descriptor comes from memory") \
  X(load_codebook, "cycles", "no run: shared weights come from memory")          \
  X(load_pointers, "cycles", "no run: pointers come from memory")                \
  X(load_weights, "cycles", "no run: weights come from memory")                  \
  X(load_inputs, "cycles", "no run: inputs come from memory")                    \
  X(store_results, "cycles", "no run: results go to memory")

#define LACUNA_ENUMERATOR(name, unit, meaning) name,
#define LACUNA_INFO(name, unit, meaning) CounterInfo{#name, unit, meaning},
enum class Phase : std::size_t { LACUNA_MEMORY_PHASES(LACUNA_ENUMERATOR) count };
inline constexpr std::size_t phase_count = static_cast<std::size_t>(Phase::count);
inline constexpr std::array<CounterInfo, phase_count> phase_info{{LACUNA_MEMORY_PHASES(LACUNA_INFO)}};
#undef LACUNA_ENUMERATOR
#undef LACUNA_INFO

using PhaseCounts = Counts<Phase, phase_count>;

/// Constants that a job loads before its items: part after part.
struct Constants {
  Phase phase = Phase::load_weights;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;  ///< 0: nothing to load
};

/// Whether memories of such capacities hold two things at once, each of which takes so much of them.
bool fit(const std::vector<std::uint64_t>& first, const std::vector<std::uint64_t>& second,
         const std::vector<std::uint64_t>& capacity);

/// A layer or a sequence of frames, as a device works on it: descriptor, constants, then items, each an
/// input, a run and a result. Item i's input and result stand at the address + i * bytes.
struct Job {
  std::uint64_t descriptor_address = 0;
  std::uint64_t descriptor_bytes = 128;  ///< 0: there is none
  std::vector<Constants> constants;
  std::uint64_t input_address = 0;
  std::uint64_t input_bytes = 1;
  std::uint64_t output_address = 0;
  std::uint64_t output_bytes = 1;
  std::vector<std::uint64_t> run_cycles;  ///< of each item, of which there is at least one

  /// Of the machine's memories, what the constants take; what an item at work and its results take, and what
  /// the next item's inputs take beside them. As many elements as the capacities of `Machine`.
  std::vector<std::uint64_t> constants_take;
  std::vector<std::uint64_t> item_takes;
  std::vector<std::uint64_t> next_item_takes;
};

/// Capacities of the memories that constants and items share, in the units of the jobs' needs.
struct Machine {
  std::uint64_t clock_period_ps = 1250;
  std::vector<std::uint64_t> constants_capacity;
  std::vector<std::uint64_t> items_capacity;
};

/// A burst on its way to memory.
struct Request {
  std::uint64_t time_ps = 0;
  bool write = false;
  std::uint64_t address = 0;
  std::uint32_t bytes = 0;
};
using RequestSink = std::function<void(const Request&)>;

/// What became of a job. Its cycles are those of its runs and `exposed_cycles`; over a chain they sum to the
/// chain's.
struct JobTimes {
  std::uint64_t run_cycles = 0;
  PhaseCounts exposed_cycles;  ///< no run goes on, and this is waited for
  PhaseCounts
      under_way_cycles;  ///< from the first request to the last answer, rounded up; runs may hide some
  PhaseCounts bytes;
  PhaseCounts bursts;
  std::uint64_t items_overlapped = 0;  ///< inputs that were loaded during a run

  std::uint64_t cycles() const;
  JobTimes& operator+=(const JobTimes& other);
};

/// Works on a chain of jobs, one behind the other, as `device::Device` does with a port of the four phases
/// (Coding::approximately_timed) on a `device::Memory`, in the same order and to the picosecond; the time
/// begins with the first descriptor's request, at an edge of the clock. A run begins at the first edge behind
/// the moment at which its inputs are there. Returns the times of each job.
///
/// `sink` gets every request in the order of time, its time counted from `start_ps` on. Throws CapacityError
/// when there would be more than 2^28 bursts.
std::vector<JobTimes> schedule(const std::vector<Job>& chain, const Machine& machine,
                               const Parameters& parameters, const RequestSink& sink = nullptr,
                               std::uint64_t start_ps = 0);

}  // namespace lacuna::memory

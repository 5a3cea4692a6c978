#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/common/counts.h"
#include "models/common/interval_counts.h"

namespace lacuna::eie {

using lacuna::CounterInfo;
using lacuna::Counts;

/// Events counted in each processing element: X(name, unit, meaning). Defined in the contract, section 10.
#define LACUNA_EIE_PE_EVENTS(X)                                                               \
  X(queue_pushes, "entries", "activation queue writes")                                       \
  X(queue_pops, "entries", "activation queue reads")                                          \
  X(pointer_reads, "pairs", "reads of p[j] and p[j+1], one from each bank")                   \
  X(spmat_row_reads, "rows", "sparse-matrix SRAM reads")                                      \
  X(spmat_row_reuses, "entries", "entries taken from the row read last (read skipped)")       \
  X(codebook_reads, "reads", "codebook look-ups of real entries")                             \
  X(multiplies, "operations", "multiply-accumulates of real entries")                         \
  X(padding_entries, "entries", "padding entries passed through the arithmetic unit (gated)") \
  X(accumulator_reads, "reads", "destination registers read by the arithmetic unit")          \
  X(accumulator_bypasses, "entries", "operands taken from the adder's output (read gated)")   \
  X(accumulator_writes, "writes", "destination registers written by the arithmetic unit")     \
  X(accumulator_saturations, "operations", "sums clipped to the accumulator's range")         \
  X(source_register_reads, "reads", "source registers read into the scan row")                \
  X(source_register_writes, "writes", "source registers written by a batch load")             \
  X(destination_register_reads, "reads", "destination registers read by a batch store")       \
  X(activation_sram_reads, "words", "activation SRAM words read by batch loads")              \
  X(activation_sram_writes, "words", "activation SRAM words written by batch stores")         \
  X(relu_operations, "operations", "outputs passed through ReLU")

/// Events counted once for the machine, in the central control unit.
#define LACUNA_EIE_CONTROL_EVENTS(X)                                                        \
  X(broadcasts, "broadcasts", "activations sent to all processing elements")                \
  X(blocked_cycles, "cycles", "cycles in which a found activation waited for a full queue") \
  X(row_loads, "rows", "source rows loaded into the scan row, bias row included")           \
  X(scan_cycles, "cycles", "cycles in which the leading-nonzero detection searched")        \
  X(lnzd_node_evaluations, "evaluations", "scan cycles times nodes of the quadtree")

/// Classes of a processing element's cycles; each cycle is in exactly one (contract, section 9).
#define LACUNA_EIE_CYCLE_CLASSES(X)                                                         \
  X(busy, "cycles", "an entry was issued to the arithmetic unit")                           \
  X(queue_full, "cycles", "no entry: the broadcast was blocked by a full queue of some PE") \
  X(starved, "cycles", "no entry: the scan found no activation in time")                    \
  X(pointer, "cycles", "no entry: empty column or pointer look-up")                         \
  X(hazard, "cycles", "no entry: waiting for the accumulator (bypass off)")                 \
  X(drain, "cycles", "no entry: the scan had ended")                                        \
  X(batch_load, "cycles", "source registers being loaded from the activation SRAM")         \
  X(batch_store, "cycles", "results being stored to the activation SRAM")

#define LACUNA_ENUMERATOR(name, unit, meaning) name,
#define LACUNA_INFO(name, unit, meaning) CounterInfo{#name, unit, meaning},

enum class PeEvent : std::size_t { LACUNA_EIE_PE_EVENTS(LACUNA_ENUMERATOR) count };
enum class ControlEvent : std::size_t { LACUNA_EIE_CONTROL_EVENTS(LACUNA_ENUMERATOR) count };
enum class CycleClass : std::uint8_t { LACUNA_EIE_CYCLE_CLASSES(LACUNA_ENUMERATOR) count };

inline constexpr std::size_t pe_event_count = static_cast<std::size_t>(PeEvent::count);
inline constexpr std::size_t control_event_count = static_cast<std::size_t>(ControlEvent::count);
inline constexpr std::size_t cycle_class_count = static_cast<std::size_t>(CycleClass::count);

inline constexpr std::array<CounterInfo, pe_event_count> pe_event_info{{LACUNA_EIE_PE_EVENTS(LACUNA_INFO)}};
inline constexpr std::array<CounterInfo, control_event_count> control_event_info{
    {LACUNA_EIE_CONTROL_EVENTS(LACUNA_INFO)}};
inline constexpr std::array<CounterInfo, cycle_class_count> cycle_class_info{
    {LACUNA_EIE_CYCLE_CLASSES(LACUNA_INFO)}};

#undef LACUNA_ENUMERATOR
#undef LACUNA_INFO

using PeEventCounts = Counts<PeEvent, pe_event_count>;
using ControlEventCounts = Counts<ControlEvent, control_event_count>;
using CycleClassCounts = Counts<CycleClass, cycle_class_count>;
/// Of all PEs together.
using ClassIntervals = IntervalCounts<CycleClass, cycle_class_count>;

}  // namespace lacuna::eie

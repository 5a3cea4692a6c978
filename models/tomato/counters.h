#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/common/counts.h"
#include "models/common/interval_counts.h"

namespace lacuna::tomato {

/// Classes of a unit's cycles; each cycle of a run is in exactly one (contract, section 7).
#define LACUNA_TOMATO_CYCLE_CLASSES(X)                                                             \
  X(busy, "cycles", "the issue stage worked on a token (sliding window, source, sink: moved one)") \
  X(starved, "cycles", "waited for an input")                                                      \
  X(blocked, "cycles", "waited for room behind it")                                                \
  X(drained, "cycles", "all tokens of the run had been issued")

/// Events counted in each unit (contract, section 8).
#define LACUNA_TOMATO_UNIT_EVENTS(X)                                                                       \
  X(tokens_in, "tokens", "tokens accepted, gate tokens not counted")                                       \
  X(tokens_out, "tokens", "tokens pushed, counted once where there are several outputs")                   \
  X(multiply_accumulates, "operations", "products of weights, saliencies or scales with values")           \
  X(skipped_multiply_accumulates, "operations", "products not formed because a gate had closed a channel") \
  X(weight_reads, "weights", "weights read from memory (engines that are not fully unrolled)")             \
  X(additions, "operations", "additions of residual adds and sum pooling")                                 \
  X(comparisons, "operations", "comparisons of max pooling and winner selection")                          \
  X(requantisations, "operations", "values brought to a number format")                                    \
  X(saturations, "operations", "values clipped to the range of the format (0 in runs without values)")     \
  X(line_buffer_writes, "values", "values written to line buffers")                                        \
  X(line_buffer_reads, "values", "values read from line buffers, padding not counted")                     \
  X(line_buffer_full_cycles, "cycles", "a pixel was there and the line buffers had no room")               \
  X(link_words, "words", "words sent over a link")

#define LACUNA_ENUMERATOR(name, unit, meaning) name,
#define LACUNA_INFO(name, unit, meaning) CounterInfo{#name, unit, meaning},

enum class CycleClass : std::uint8_t { LACUNA_TOMATO_CYCLE_CLASSES(LACUNA_ENUMERATOR) count };
enum class UnitEvent : std::size_t { LACUNA_TOMATO_UNIT_EVENTS(LACUNA_ENUMERATOR) count };

inline constexpr std::size_t cycle_class_count = static_cast<std::size_t>(CycleClass::count);
inline constexpr std::size_t unit_event_count = static_cast<std::size_t>(UnitEvent::count);

inline constexpr std::array<CounterInfo, cycle_class_count> cycle_class_info{
    {LACUNA_TOMATO_CYCLE_CLASSES(LACUNA_INFO)}};
inline constexpr std::array<CounterInfo, unit_event_count> unit_event_info{
    {LACUNA_TOMATO_UNIT_EVENTS(LACUNA_INFO)}};

#undef LACUNA_ENUMERATOR
#undef LACUNA_INFO

using CycleClassCounts = Counts<CycleClass, cycle_class_count>;
/// Of all units together.
using ClassIntervals = IntervalCounts<CycleClass, cycle_class_count>;
using UnitEventCounts = Counts<UnitEvent, unit_event_count>;

}  // namespace lacuna::tomato

#include "models/eie/timeline/single_pass.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "models/eie/timeline/entry_pass.h"
#include "models/eie/timeline/row_read_kernels.h"
#include "models/eie/timeline/time_pass.h"

namespace lacuna::eie {

#ifdef LACUNA_HAS_VECTOR_CLONES

namespace {

constexpr std::uint32_t pass_block_columns = 64;

/// How many of the columns from `k` on lie before column `bound`.
std::size_t columns_before(const ColumnSpan& span, std::size_t k, std::uint32_t bound) {
  const std::size_t first = k;
  while (k < span.size && span.broadcast[k] < bound) {
    ++k;
  }
  return k - first;
}

template <bool prefetch>
LACUNA_SINGLE_PASS bool pass_phase(PhaseState& state, const PhaseCells& cells, const PassSizes& sizes,
                                   const SinglePass::Phase& phase, RowWalk& rows, PhaseTotals& totals,
                                   RecentBroadcasts& recent) {
  const ColumnSpan& span = phase.span;
  EntryPass entries(rows);
  TimePass times(state, sizes, span.size);
  std::size_t k = 0;
  for (std::uint32_t begin = span.begin; begin < span.end; begin += pass_block_columns) {
    const std::uint32_t end = std::min(begin + pass_block_columns, span.end);
    const BlockColumns block{span.broadcast + k, columns_before(span, k, end), begin, end,
                             span.broadcast + span.size - 1};
    entries.pass(block, cells, sizes, totals.entries);
    if (!times.pass<prefetch>(state, block, phase.gaps + k, cells, k, recent, totals.times)) {
      return false;
    }
    k += block.size;
  }
  entries.finish(totals.entries);
  times.finish(state, span.size != 0, totals.times);
  rows = entries.rows();
  return true;
}

}  // namespace

bool SinglePass::serves(const Parameters& parameters, const ColumnCounts& counts) {
  return (parameters.arithmetic_bypass || !parameters.pointer_prefetch) && counts.lanes() == register_lanes &&
         std::holds_alternative<CountCells<std::uint8_t>>(counts.counts()) &&
         std::holds_alternative<EdgeCells<std::uint8_t>>(counts.edges()) &&
         counts.largest_count() + 2 < byte_limit &&
         can_count_in_bytes(counts.lanes(), parameters.entries_per_spmat_row(), counts.largest_count()) &&
         __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("bmi2") != 0;
}

LACUNA_SINGLE_PASS bool SinglePass::advance(PhaseState& state, const Phase& phase) {
  const auto& cells = std::get<CountCells<std::uint8_t>>(counts_.counts());
  const auto& edges = std::get<EdgeCells<std::uint8_t>>(counts_.edges());
  const auto to_cells = static_cast<std::ptrdiff_t>(phase.to_cells) * std::ptrdiff_t{register_lanes};
  const PhaseCells from{counts_.entry_numbers().data() + to_cells, cells.padding.data() + to_cells,
                        edges.first.data() + to_cells, edges.last.data() + to_cells};
  const PassSizes sizes(counts_.largest_count(), entries_per_row_);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(sizes.row_shift));
  RowWalk rows{load(before_.data()), load(is_read_.data()), bytes_of(entries_per_row_ - 1),
               bytes_of(byte_limit >> sizes.row_shift), shift};
  PhaseTotals sums;
  const std::int64_t sent_before = state.sent;
  RecentBroadcasts recent;
  const bool passed = prefetch_ ? pass_phase<true>(state, from, sizes, phase, rows, sums, recent)
                                : pass_phase<false>(state, from, sizes, phase, rows, sums, recent);
  if (!passed) {
    return false;
  }
  _mm512_storeu_si512(before_.data(), rows.before);
  _mm512_storeu_si512(is_read_.data(), rows.is_read);
  std::uint64_t with_entries = 0;
  for (std::size_t lane = 0; lane < register_lanes; ++lane) {
    const std::uint64_t filled = sums.entries.filled[lane];
    with_entries |= std::uint64_t{filled != 0 ? 1U : 0U} << lane;
    sums_.entries[lane] += sums.entries.entries[lane];
    sums_.padding[lane] += sums.entries.padding[lane];
    sums_.empty_columns[lane] += phase.span.size - filled;
    row_reads_[lane] += sums.entries.row_reads[lane];
    state.totals.queue_full[lane] += sums.times.queue_full[lane];
    state.totals.bypasses[lane] += prefetch_ ? phase.span.size - sums.times.apart[lane] : 0;
  }
  // What was not found at once was blocked.
  const std::uint64_t gaps = std::accumulate(phase.gaps, phase.gaps + phase.span.size, std::uint64_t{0});
  state.totals.blocked_cycles += static_cast<std::uint64_t>(state.sent - sent_before) - gaps;
  const std::optional<std::int64_t> last_write = recent.last_write(phase.span.size, with_entries);
  if (last_write) {
    state.last_write = std::max(state.last_write, *last_write);
  }
  return last_write.has_value();
}
#else
bool SinglePass::serves(const Parameters&, const ColumnCounts&) {
  return false;
}
bool SinglePass::advance(PhaseState&, const Phase&) {
  return false;
}
#endif

SinglePass::SinglePass(const Parameters& parameters, const ColumnCounts& counts)
    : counts_(counts),
      prefetch_(parameters.pointer_prefetch),
      entries_per_row_(parameters.entries_per_spmat_row()),
      sums_(counts.lanes()),
      row_reads_(counts.lanes()) {
  before_.fill(0xff);  // number -1
}

}  // namespace lacuna::eie

#include "models/eie/timeline/single_pass.h"

#include <algorithm>
#include <new>
#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

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

/// Objects that hold vectors, one for each register. They are made by functions of the pass, since others may
/// not touch them.
template <class T>
class PerRegister {
 public:
  explicit PerRegister(std::size_t registers) : memory_(registers * sizeof(T)) {}

  T* data() { return reinterpret_cast<T*>(memory_.data()); }
  T& operator[](std::size_t number) { return data()[number]; }

 private:
  static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= register_lanes);
  LaneVector<std::uint8_t> memory_;
};

/// What a phase needs of the lanes, and gives back.
struct PhaseWork {
  std::vector<RegisterCells> cells;  ///< of each register
  PassSizes sizes;
  PerRegister<EntryPass> entries;
  PerRegister<RegisterTimes> times;
  std::vector<EntryTotals> entry_totals;
  std::vector<TimeTotals> time_totals;
  RecentBroadcasts recent;

  PhaseWork(std::vector<RegisterCells> of_registers, const PassSizes& pass_sizes)
      : cells(std::move(of_registers)),
        sizes(pass_sizes),
        entries(cells.size()),
        times(cells.size()),
        entry_totals(cells.size()),
        time_totals(cells.size()),
        recent(cells.size()) {}
};

template <bool prefetch, bool one>
LACUNA_SINGLE_PASS bool pass_phase(PhaseState& state, const SinglePass::Phase& phase, PhaseWork& work) {
  const ColumnSpan& span = phase.span;
  const std::size_t registers = one ? 1 : work.cells.size();
  TimePass<prefetch, one> times(state, work.sizes, span.size, work.times.data(), registers, work.recent);
  std::size_t k = 0;
  for (std::uint32_t begin = span.begin; begin < span.end; begin += pass_block_columns) {
    const std::uint32_t end = std::min(begin + pass_block_columns, span.end);
    const BlockColumns block{span.broadcast + k, columns_before(span, k, end), begin, end,
                             span.broadcast + span.size - 1};
    for (std::size_t number = 0; number < registers; ++number) {
      work.entries[number].pass(block, work.cells[number], work.sizes, work.entry_totals[number]);
    }
    if (!times.pass(state, block, phase.gaps + k, work.cells.data(), k, work.time_totals.data())) {
      return false;
    }
    k += block.size;
  }
  for (std::size_t number = 0; number < registers; ++number) {
    work.entries[number].finish(work.entry_totals[number]);
  }
  times.finish(state, span.size != 0, work.time_totals.data());
  return true;
}

/// The cells of a phase, register after register. Many PEs have so few rows each that there is no padding,
/// which is then not read.
std::vector<RegisterCells> register_cells(const ColumnCounts& counts, std::int64_t to_cells) {
  const auto& cells = std::get<CountCells<std::uint8_t>>(counts.counts());
  const auto& edges = std::get<EdgeCells<std::uint8_t>>(counts.edges());
  const auto offset = static_cast<std::ptrdiff_t>(to_cells) * static_cast<std::ptrdiff_t>(counts.lanes());
  RegisterCells next{counts.entry_numbers().data() + offset,
                     counts.padding_entries() == 0 ? nullptr : cells.padding.data() + offset,
                     edges.first.data() + offset,
                     edges.last.data() + offset,
                     counts.lanes(),
                     0};
  std::vector<RegisterCells> all;
  for (std::size_t lanes = counts.lanes(); lanes != 0;) {
    const std::size_t held = std::min(lanes, register_lanes);
    next.used = ~std::uint64_t{0} >> (register_lanes - held);
    all.push_back(next);
    next = next.next();
    lanes -= held;
  }
  return all;
}

}  // namespace

bool SinglePass::serves(const Parameters& parameters, const ColumnCounts& counts) {
  return (parameters.arithmetic_bypass || !parameters.pointer_prefetch) && !counts.entry_numbers().empty() &&
         std::holds_alternative<EdgeCells<std::uint8_t>>(counts.edges()) &&
         counts.largest_count() + 2 < byte_limit &&
         can_count_in_bytes(register_lanes, parameters.entries_per_spmat_row(), counts.largest_count()) &&
         __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("bmi2") != 0;
}

LACUNA_SINGLE_PASS bool SinglePass::advance(PhaseState& state, const Phase& phase) {
  PhaseWork work(register_cells(counts_, phase.to_cells),
                 PassSizes(counts_.largest_count(), entries_per_row_));
  const std::size_t registers = work.cells.size();
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(work.sizes.row_shift));
  for (std::size_t number = 0; number < registers; ++number) {
    const std::size_t lane = number * register_lanes;
    new (&work.entries[number])
        EntryPass({load(before_.data() + lane), load(is_read_.data() + lane), bytes_of(entries_per_row_ - 1),
                   bytes_of(byte_limit >> work.sizes.row_shift), shift});
  }
  const std::int64_t sent_before = state.sent;
  const bool one = registers == 1;
  const bool passed = prefetch_ ? (one ? pass_phase<true, true>(state, phase, work)
                                       : pass_phase<true, false>(state, phase, work))
                                : (one ? pass_phase<false, true>(state, phase, work)
                                       : pass_phase<false, false>(state, phase, work));
  if (!passed) {
    return false;
  }
  std::vector<std::uint64_t> with_entries(registers);
  for (std::size_t number = 0; number < registers; ++number) {
    const std::size_t first = number * register_lanes;
    _mm512_storeu_si512(before_.data() + first, work.entries[number].rows().before);
    _mm512_storeu_si512(is_read_.data() + first, work.entries[number].rows().is_read);
    const EntryTotals& entries = work.entry_totals[number];
    const TimeTotals& times = work.time_totals[number];
    const std::size_t lanes = std::min<std::size_t>(counts_.lanes() - first, register_lanes);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::uint64_t filled = entries.filled[lane];
      with_entries[number] |= std::uint64_t{filled != 0 ? 1U : 0U} << lane;
      sums_.entries[first + lane] += entries.entries[lane];
      sums_.padding[first + lane] += entries.padding[lane];
      sums_.empty_columns[first + lane] += phase.span.size - filled;
      row_reads_[first + lane] += entries.row_reads[lane];
      state.totals.queue_full[first + lane] += times.queue_full[lane];
      state.totals.bypasses[first + lane] += prefetch_ ? phase.span.size - times.apart[lane] : 0;
    }
  }
  // What was not found at once was blocked.
  const std::uint64_t gaps = std::accumulate(phase.gaps, phase.gaps + phase.span.size, std::uint64_t{0});
  state.totals.blocked_cycles += static_cast<std::uint64_t>(state.sent - sent_before) - gaps;
  const std::optional<std::int64_t> last_write =
      work.recent.last_write(phase.span.size, std::move(with_entries));
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
      before_((counts.lanes() + register_lanes - 1) / register_lanes * register_lanes, 0xff),  // number -1
      is_read_(before_.size(), 0),
      sums_(counts.lanes()),
      row_reads_(counts.lanes()) {}

}  // namespace lacuna::eie

#include "models/eie/timeline/schedule.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/timeline/slice_schedule.h"
#include "models/eie/timeline/vector_intrinsics.h"

namespace lacuna::eie {
namespace {

/// Writes the numbers of the values that are broadcast, the first of `size` being `first`, to `columns`, and
/// returns how many they are. There must be room for `size` and `spare_columns` more.
std::size_t find_broadcasts(const std::int32_t* values, std::uint32_t size, std::uint32_t first,
                            NonzeroDetection detection, std::uint32_t* columns) {
  // Written at each position, kept only where there is a broadcast: no branch to mispredict.
  std::size_t count = 0;
  for (std::uint32_t q = 0; q < size; ++q) {
    columns[count] = first + q;
    count += counts_as_nonzero(values[q], detection) ? 1U : 0U;
  }
  return count;
}

#ifdef LACUNA_HAS_VECTOR_CLONES
/// The same, sixteen values at a time.
__attribute__((target("avx512f,bmi2,popcnt"))) std::size_t find_broadcasts_in_vectors(
    const std::int32_t* values, std::uint32_t size, std::uint32_t first, NonzeroDetection detection,
    std::uint32_t* columns) {
  constexpr std::uint32_t words = 16;
  __m512i numbers = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first)),
                                     _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  const __m512i zero = _mm512_setzero_si512();
  std::size_t count = 0;
  for (std::uint32_t q = 0; q < size; q += words) {
    const auto valid = static_cast<__mmask16>(size - q >= words ? 0xffffU : (1U << (size - q)) - 1U);
    const __m512i some = _mm512_maskz_loadu_epi32(valid, values + q);
    const __mmask16 found = detection == NonzeroDetection::positive ? _mm512_cmpgt_epi32_mask(some, zero)
                                                                    : _mm512_cmpneq_epi32_mask(some, zero);
    _mm512_storeu_si512(columns + count, _mm512_maskz_compress_epi32(found, numbers));
    count += static_cast<std::size_t>(_mm_popcnt_u32(found));
    numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32(static_cast<int>(words)));
  }
  return count;
}
#endif

using FindBroadcasts = std::size_t (*)(const std::int32_t*, std::uint32_t, std::uint32_t, NonzeroDetection,
                                       std::uint32_t*);

/// The fastest of these on this machine.
FindBroadcasts best_find_broadcasts() {
#ifdef LACUNA_HAS_VECTOR_CLONES
  if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
      __builtin_cpu_supports("popcnt") != 0) {
    return find_broadcasts_in_vectors;
  }
#endif
  return find_broadcasts;
}

/// Room that `find_broadcasts` needs behind the columns that it finds.
constexpr std::size_t spare_columns = 16;

/// Appends broadcasts; there is room for the columns of all.
struct BroadcastList {
  Broadcasts& out;
  FindBroadcasts find;
  std::size_t size = 0;
  std::vector<std::pair<std::size_t, std::uint32_t>> row_gaps;  ///< before the first broadcasts of rows

  /// Once all are found.
  void finish() {
    out.columns.resize(size);
    out.gaps.resize(size, 1);
    for (const auto& [broadcast, gap] : row_gaps) {
      out.gaps[broadcast] = gap;
    }
  }
};

/// Walks the source rows of one column batch and appends its broadcasts.
class BatchScan {
 public:
  BatchScan(BroadcastList& list, std::uint32_t pe_count) : list_(list), pe_count_(pe_count) {}

  /// The next source row, whose position 0 holds column `first_column`, with `size` values.
  void row(std::uint32_t first_column, const std::int32_t* values, std::uint32_t size,
           NonzeroDetection detection) {
    std::uint32_t* const columns = &list_.out.columns[list_.size];
    take(first_column, list_.find(values, size, first_column, detection, columns));
  }

  /// The row with the bias, which is always broadcast.
  void bias_row(std::uint32_t column) {
    list_.out.columns[list_.size] = column;
    take(column, 1);
  }

  /// Cycles without a broadcast since the last one, or since the batch's first row load.
  std::uint32_t gap() const { return gap_; }
  /// The sum of all gaps.
  std::uint64_t cycles() const { return cycles_; }

 private:
  /// The next `count` columns in the list are broadcast.
  void take(std::uint32_t first_column, std::size_t count) {
    if (count == 0) {
      ++gap_;
      return;
    }
    cycles_ += gap_ + count;
    list_.row_gaps.emplace_back(list_.size, gap_ + 1);
    list_.size += count;
    gap_ = list_.out.columns[list_.size - 1] - first_column == pe_count_ - 1 ? 0 : 1;
  }

  BroadcastList& list_;
  std::uint32_t pe_count_;
  std::uint32_t gap_ = 0;
  std::uint64_t cycles_ = 0;
};

void scan_batch(BroadcastList& list, const Parameters& parameters, const LayerShape& shape,
                const ColumnBatch& batch, const std::int32_t* activations) {
  const std::uint32_t pes = parameters.pe_count;
  ScannedBatch scanned;
  scanned.first_broadcast = list.size;
  scanned.first_column = batch.first_source_row * pes;
  scanned.source_rows = batch.source_rows;
  scanned.bias_row = batch.bias_row;

  BatchScan rows(list, pes);
  std::uint32_t column = scanned.first_column;
  for (std::uint32_t r = 0; r < batch.source_rows; ++r) {
    const std::uint32_t size = std::min(pes, shape.inputs - column);
    rows.row(column, activations + column, size, parameters.nonzero_detection);
    column += size;
  }
  if (batch.bias_row) {
    rows.bias_row(column);
    ++column;
  }
  scanned.end_broadcast = list.size;
  scanned.end_column = column;
  scanned.end_gap = rows.gap() + 1;
  scanned.scan_cycles = rows.cycles() + rows.gap();
  list.out.batches.push_back(scanned);
}

}  // namespace

Broadcasts scan(const Parameters& parameters, const LayerShape& shape,
                const std::vector<std::int32_t>& activations) {
  if (activations.size() != shape.inputs) {
    throw ConfigurationError({{}, 0, "activations"},
                             fmt::format("{} values for {} inputs", activations.size(), shape.inputs),
                             "as many as the layer has inputs");
  }
  Broadcasts out;
  out.pe_count = parameters.pe_count;
  out.columns.resize(shape.columns() + spare_columns);
  BroadcastList list{out, best_find_broadcasts(), 0, {}};
  const BatchPlan plan = plan_batches(parameters, shape);
  for (const ColumnBatch& batch : plan.column_batches) {
    scan_batch(list, parameters, shape, batch, activations.data());
  }
  list.finish();
  return out;
}

std::string batching(const ImageGeometry& geometry) {
  return geometry.rows_per_batch ? fmt::format("{} rows per batch", *geometry.rows_per_batch)
                                 : "all rows in one batch";
}

void check_match(const Parameters& parameters, const LayerShape& shape, const ColumnCounts& counts) {
  const ImageGeometry wanted = image_geometry(parameters);
  const ImageGeometry& got = counts.geometry();
  const bool same_batches = wanted.rows_per_batch == got.rows_per_batch || counts.row_batches() == 1;
  if (wanted.pe_count != got.pe_count || wanted.relative_index_bits != got.relative_index_bits ||
      !same_batches) {
    throw ConfigurationError({},
                             fmt::format("the columns were counted for {} PEs, {} index bits and {}",
                                         got.pe_count, got.relative_index_bits, batching(got)),
                             fmt::format("this machine has {}, {} and {}", wanted.pe_count,
                                         wanted.relative_index_bits, batching(wanted)));
  }
  if (shape.columns() != counts.columns() || shape.outputs != counts.rows()) {
    throw ConfigurationError({},
                             fmt::format("counts of {} rows and {} columns", counts.rows(), counts.columns()),
                             fmt::format("the layer has {} and {}", shape.outputs, shape.columns()));
  }
}

Schedule::Schedule(const Parameters& parameters, const LayerShape& shape, const ColumnCounts& counts,
                   const std::vector<std::int32_t>& activations)
    : shape_(shape), columns_(counts.columns()), sums_(counts.lanes()) {
  check_match(parameters, shape, counts);
  broadcasts_ = scan(parameters, shape, activations);
  slices_.reserve(std::size_t{counts.row_batches()} * broadcasts_.batches.size());
  for (std::uint32_t row_batch = 0; row_batch < counts.row_batches(); ++row_batch) {
    for (std::size_t batch = 0; batch < broadcasts_.batches.size(); ++batch) {
      CarriedLast start_of_phase;
      slices_.push_back(schedule_slice(counts, columns(row_batch, batch), sums_, start_of_phase));
    }
  }
}

SliceColumns Schedule::columns(std::size_t row_batch, std::size_t column_batch) const {
  const ScannedBatch& batch = broadcasts_.batches[column_batch];
  return {broadcasts_.columns.data() + batch.first_broadcast, batch.end_broadcast - batch.first_broadcast,
          static_cast<std::int64_t>(row_batch) * columns_};
}

}  // namespace lacuna::eie

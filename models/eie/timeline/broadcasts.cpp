#include "models/eie/timeline/broadcasts.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::eie {
namespace {

/// Walks the source rows of one column batch and appends its broadcasts.
class BatchScan {
 public:
  BatchScan(Broadcasts& out, std::uint32_t pe_count) : out_(out), pe_count_(pe_count) {}

  /// The next source row, whose position 0 holds column `first_column`, with `size` values.
  template <class IsNonzero>
  void row(std::uint32_t first_column, std::uint32_t size, IsNonzero&& is_nonzero) {
    // Written at each position, kept only where there is a broadcast: no branch to mispredict.
    std::size_t count = out_.columns.size();
    const std::size_t before = count;
    out_.columns.resize(count + size + 1);
    for (std::uint32_t q = 0; q < size; ++q) {
      out_.columns[count] = first_column + q;
      count += is_nonzero(q) ? 1U : 0U;
    }
    out_.columns.resize(count);
    out_.gaps.resize(count, 1);
    if (count == before) {
      ++gap_;
      return;
    }
    out_.gaps[before] = gap_ + 1;
    gap_ = out_.columns.back() - first_column == pe_count_ - 1 ? 0 : 1;
  }

  /// Cycles without a broadcast since the last one, or since the batch's first row load.
  std::uint32_t gap() const { return gap_; }

 private:
  Broadcasts& out_;
  std::uint32_t pe_count_;
  std::uint32_t gap_ = 0;
};

void scan_batch(Broadcasts& out, const Parameters& parameters, const LayerShape& shape,
                const ColumnBatch& batch, const std::int32_t* activations) {
  const std::uint32_t pes = parameters.pe_count;
  ScannedBatch scanned;
  scanned.first_broadcast = out.columns.size();
  scanned.first_column = batch.first_source_row * pes;
  scanned.source_rows = batch.source_rows;
  scanned.bias_row = batch.bias_row;

  BatchScan rows(out, pes);
  std::uint32_t column = scanned.first_column;
  for (std::uint32_t r = 0; r < batch.source_rows; ++r) {
    const std::uint32_t size = std::min(pes, shape.inputs - column);
    const std::int32_t* values = activations + column;
    if (parameters.nonzero_detection == NonzeroDetection::positive) {
      rows.row(column, size, [&](std::uint32_t q) { return values[q] > 0; });
    } else {
      rows.row(column, size, [&](std::uint32_t q) { return values[q] != 0; });
    }
    column += size;
  }
  if (batch.bias_row) {
    rows.row(column, 1, [](std::uint32_t) { return true; });
    ++column;
  }
  scanned.end_broadcast = out.columns.size();
  scanned.end_column = column;
  scanned.end_gap = rows.gap() + 1;
  scanned.scan_cycles =
      std::accumulate(out.gaps.begin() + static_cast<std::ptrdiff_t>(scanned.first_broadcast), out.gaps.end(),
                      std::uint64_t{rows.gap()});
  out.batches.push_back(scanned);
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
  const BatchPlan plan = plan_batches(parameters, shape.inputs, shape.outputs, shape.has_bias);
  for (const ColumnBatch& batch : plan.column_batches) {
    scan_batch(out, parameters, shape, batch, activations.data());
  }
  return out;
}

}  // namespace lacuna::eie

#include "models/eie/cycle_bound.h"

#include <algorithm>

#include "models/common/vector_clones.h"

namespace lacuna::eie {
namespace {

/// From a broadcast to the first issue of its column, and from an issue to the entry's write (contract,
/// section 6).
constexpr std::uint64_t cycles_to_issue = 2;
constexpr std::uint64_t cycles_to_write = 5;

/// One broadcast reaches all PEs, at the earliest in cycle `start`. `free`: of each PE the first cycle in
/// which its PtrRead has nothing; `behind`: the first behind its last entry.
LACUNA_VECTOR_CLONES void take_column(const std::uint32_t* entries, std::uint32_t pes, std::uint32_t lookup,
                                      std::uint64_t start, std::uint64_t* free, std::uint64_t* behind) {
  LACUNA_INDEPENDENT_LANES
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    const std::uint32_t issued = entries[pe];
    const std::uint64_t end = std::max(free[pe], start) + std::max(issued + lookup, 1U);
    free[pe] = end;
    behind[pe] = issued != 0 ? end : behind[pe];
  }
}

}  // namespace

struct CycleBound::Phase {
  std::uint64_t scanned = 0;  ///< C, the first cycle with scan_done = 1
  std::uint64_t written = 0;  ///< W + 1, one past the last entry's write; 0 without entries
  std::uint64_t looked = 0;   ///< L, one past the last occupied cycle of a PtrRead

  std::uint64_t last_cycles() const { return std::max(written, scanned + 2); }
  std::uint64_t cycles() const { return std::max(last_cycles(), looked); }
};

CycleBound::CycleBound(const Parameters& machine, const Layer& layer)
    : machine_(machine),
      shape_(LayerShape::of(layer)),
      plan_(plan_batches(machine, shape_)),
      fill_cycles_(lnzd_fill_cycles(machine)),
      occupied_(std::size_t{layer.matrix.columns} * plan_.row_batch_outputs.size() * machine.pe_count) {
  count_entries(layer.matrix);
}

void CycleBound::count_entries(const CodedMatrix& matrix) {
  const std::uint32_t pes = machine_.pe_count;
  const std::uint32_t batch_rows = plan_.row_batch_outputs.front();
  const std::uint32_t reach = 1U << machine_.relative_index_bits;  // rows of a PE that one entry spans
  std::vector<std::uint32_t> next(pes);  // of each PE, the place behind its last entry of the column
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    std::uint32_t batch = 0;
    std::fill(next.begin(), next.end(), 0);
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      const std::uint32_t row = matrix.row_indices[i];
      if (row / batch_rows != batch) {
        batch = row / batch_rows;
        std::fill(next.begin(), next.end(), 0);
      }
      const std::uint32_t pe = row % pes;
      const std::uint32_t place = row % batch_rows / pes;
      occupied(std::uint64_t{batch} * matrix.columns + column)[pe] += 1 + (place - next[pe]) / reach;
      next[pe] = place + 1;
    }
  }
}

CycleBound::Phase CycleBound::phase(std::size_t row_batch, const ColumnBatch& batch,
                                    const std::vector<std::int32_t>& activations) const {
  const std::uint32_t pes = machine_.pe_count;
  const std::uint32_t lookup = machine_.pointer_prefetch ? 0 : 1;
  const std::uint64_t first_image_column = row_batch * shape_.columns();
  std::vector<std::uint64_t> free(pes, 0);
  std::vector<std::uint64_t> behind(pes, 0);
  std::uint64_t cycle = fill_cycles_ + 1;
  const auto broadcast = [&](std::uint32_t column) {
    take_column(occupied(first_image_column + column), pes, lookup, cycle + cycles_to_issue, free.data(),
                behind.data());
    ++cycle;
  };
  for (std::uint32_t row = batch.first_source_row; row < batch.first_source_row + batch.source_rows; ++row) {
    bool is_last_position = false;  // whose broadcast loads the next row
    for (std::uint32_t q = 0; q < std::min(pes, shape_.inputs - row * pes); ++q) {
      if (counts_as_nonzero(activations[row * pes + q], machine_.nonzero_detection)) {
        broadcast(row * pes + q);
        is_last_position = q == pes - 1;
      }
    }
    cycle += is_last_position ? 0 : 1;
  }
  if (batch.bias_row) {
    broadcast(shape_.inputs);
    cycle += pes == 1 ? 0 : 1;
  }
  Phase phase;
  phase.scanned = cycle;
  phase.looked = *std::max_element(free.begin(), free.end());
  const std::uint64_t issued = *std::max_element(behind.begin(), behind.end());
  phase.written = issued == 0 ? 0 : issued + cycles_to_write;
  return phase;
}

std::uint64_t CycleBound::cycles(const std::vector<std::int32_t>& activations) const {
  std::uint64_t sum = 0;
  for (std::size_t row_batch = 0; row_batch < plan_.row_batch_outputs.size(); ++row_batch) {
    for (const ColumnBatch& batch : plan_.column_batches) {
      if (plan_.loads()) {
        sum += transfer_cycles(machine_, batch.source_rows);
      }
      const Phase done = phase(row_batch, batch, activations);
      const bool is_last = !plan_.stores() && &batch == &plan_.column_batches.back();
      sum += is_last ? done.last_cycles() : done.cycles();
    }
    if (plan_.stores()) {
      const std::uint32_t outputs = plan_.row_batch_outputs[row_batch];
      sum += transfer_cycles(machine_, (outputs + machine_.pe_count - 1) / machine_.pe_count);
    }
  }
  return sum;
}

}  // namespace lacuna::eie

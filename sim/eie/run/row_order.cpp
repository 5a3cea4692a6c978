#include "sim/eie/run/row_order.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>

namespace lacuna {
namespace {

/// Deals the rows `begin` .. `end` - 1 out to the PEs; the order's elements of the same range are set.
void balance_batch(const std::vector<std::uint64_t>& weights, std::uint32_t begin, std::uint32_t end,
                   std::uint32_t pes, RowOrder& order) {
  std::vector<std::uint32_t> rows(end - begin);
  std::iota(rows.begin(), rows.end(), begin);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return weights[a] > weights[b]; });

  using Load = std::pair<std::uint64_t, std::uint32_t>;  // sum of weights, PE
  std::priority_queue<Load, std::vector<Load>, std::greater<>> lightest;
  for (std::uint32_t pe = 0; pe < std::min(pes, end - begin); ++pe) {
    lightest.emplace(0, pe);
  }
  std::vector<std::vector<std::uint32_t>> held(pes);
  for (const std::uint32_t row : rows) {
    const auto [sum, pe] = lightest.top();
    lightest.pop();
    held[pe].push_back(row);
    const std::uint64_t next_place = begin + held[pe].size() * pes + pe;
    if (next_place < end) {
      lightest.emplace(sum + weights[row], pe);
    }
  }
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    std::sort(held[pe].begin(), held[pe].end());
    for (std::size_t place = 0; place < held[pe].size(); ++place) {
      order[begin + place * pes + pe] = held[pe][place];
    }
  }
}

}  // namespace

std::vector<std::uint64_t> row_nonzeros(const eie::CodedMatrix& matrix) {
  std::vector<std::uint64_t> weights(matrix.rows);
  for (const std::uint32_t row : matrix.row_indices) {
    ++weights[row];
  }
  return weights;
}

std::vector<std::uint64_t> row_active_nonzeros(const eie::CodedMatrix& matrix,
                                               const std::vector<std::vector<std::int32_t>>& vectors,
                                               std::size_t sample, eie::NonzeroDetection detection) {
  const std::size_t count = std::min(sample, vectors.size());
  std::vector<std::uint64_t> weights(matrix.rows);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    std::uint64_t broadcasts = 0;
    for (std::size_t v = 0; v < count; ++v) {
      const std::int32_t activation = column < vectors[v].size() ? vectors[v][column] : 1;
      const bool active = detection == eie::NonzeroDetection::positive ? activation > 0 : activation != 0;
      broadcasts += active ? 1U : 0U;
    }
    for (std::uint64_t e = matrix.column_starts[column]; e < matrix.column_starts[column + 1U]; ++e) {
      weights[matrix.row_indices[e]] += broadcasts;
    }
  }
  return weights;
}

RowOrder balanced_row_order(const std::vector<std::uint64_t>& weights, const eie::Parameters& machine) {
  const auto rows = static_cast<std::uint32_t>(weights.size());
  const std::uint64_t held = std::uint64_t{machine.register_file_entries} * machine.pe_count;
  const auto per_batch = static_cast<std::uint32_t>(held == 0 ? rows : std::min<std::uint64_t>(held, rows));
  RowOrder order(rows);
  for (std::uint32_t begin = 0; begin < rows; begin += std::min(per_batch, rows - begin)) {
    balance_batch(weights, begin, begin + std::min(per_batch, rows - begin), machine.pe_count, order);
  }
  return order;
}

RowOrder configured_row_order(const LayerConfig& config, const eie::CodedMatrix& matrix,
                              const std::vector<std::vector<std::int32_t>>& vectors,
                              const eie::Parameters& machine) {
  switch (config.row_order) {
    case RowOrderKind::balanced_nonzeros:
      return balanced_row_order(row_nonzeros(matrix), machine);
    case RowOrderKind::balanced_active:
      return balanced_row_order(
          row_active_nonzeros(matrix, vectors, config.row_order_vectors, machine.nonzero_detection), machine);
    case RowOrderKind::natural:
      break;
  }
  return {};
}

eie::CodedMatrix reordered(const eie::CodedMatrix& matrix, const RowOrder& order) {
  std::vector<std::uint32_t> place_of(order.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    place_of[order[place]] = place;
  }
  eie::CodedMatrix result = matrix;
  std::vector<std::pair<std::uint32_t, std::uint8_t>> entries;
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const std::uint64_t begin = matrix.column_starts[column];
    const std::uint64_t end = matrix.column_starts[column + 1U];
    entries.clear();
    for (std::uint64_t e = begin; e < end; ++e) {
      entries.emplace_back(place_of[matrix.row_indices[e]], matrix.codes[e]);
    }
    std::sort(entries.begin(), entries.end());
    for (std::uint64_t e = begin; e < end; ++e) {
      std::tie(result.row_indices[e], result.codes[e]) = entries[e - begin];
    }
  }
  return result;
}

std::vector<std::int32_t> in_layer_order(const std::vector<std::int32_t>& outputs, const RowOrder& order) {
  std::vector<std::int32_t> result(outputs.size());
  for (std::size_t place = 0; place < outputs.size(); ++place) {
    result[order[place]] = outputs[place];
  }
  return result;
}

}  // namespace lacuna

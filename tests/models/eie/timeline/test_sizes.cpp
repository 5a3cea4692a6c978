// Layers whose counts and times need wider numbers, against the recurrences written down naively in 64 bits.

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "models/eie/timeline/timing.h"

namespace lacuna {
namespace {

/// Columns with nonzeros in all rows, every second row, every third row, and again.
class Stripes : public eie::ColumnSource {
 public:
  Stripes(std::uint32_t rows, std::uint32_t columns) : rows_(rows), columns_(columns) {
    for (std::uint32_t kind = 0; kind < 3; ++kind) {
      for (std::uint32_t row = 0; row < rows; row += kind + 1) {
        kinds_[kind].push_back(row);
      }
    }
  }
  std::uint32_t rows() const override { return rows_; }
  std::uint32_t columns() const override { return columns_; }
  eie::ColumnRows next() override {
    const std::vector<std::uint32_t>& rows = kinds_[column_++ % 3];
    return {rows.data(), rows.size()};
  }
  void rewind() override { column_ = 0; }

 private:
  std::uint32_t rows_;
  std::uint32_t columns_;
  std::uint32_t column_ = 0;
  std::array<std::vector<std::uint32_t>, 3> kinds_;
};

/// Section 11 for one PE and all activations nonzero.
std::uint64_t cycles_of_one_pe(std::uint32_t rows, std::uint32_t columns, std::uint32_t depth) {
  std::vector<std::uint64_t> popped(columns);
  std::uint64_t sent = 0;
  std::uint64_t free_from = 0;
  std::uint64_t cycles = 0;
  for (std::uint32_t k = 0; k < columns; ++k) {
    const std::uint64_t n = (rows + k % 3) / (k % 3 + 1);
    const std::uint64_t found = k == 0 ? 2 : sent + 1;
    sent = std::max(found, k < depth ? 0 : 1 + popped[k - depth]);
    popped[k] = std::max(sent + 1, free_from);
    free_from = popped[k] + std::max<std::uint64_t>(1, n);
    cycles = std::max(cycles, popped[k] + n + 5);
  }
  return cycles;
}

void check_stripes(std::uint32_t rows, std::uint32_t columns, std::uint32_t depth) {
  INFO("rows " << rows << " columns " << columns << " depth " << depth);
  Stripes source(rows, columns);
  eie::Parameters p;
  p.pe_count = 1;
  p.register_file_entries = 0;
  p.queue_depth_entries = depth;
  const std::vector<std::int32_t> ones(columns, 1);
  const eie::RunResult result = eie::simulate_timing(p, source, {columns, rows, false, false}, ones);
  CHECK(result.cycles == cycles_of_one_pe(rows, columns, depth));
  std::uint64_t entries = 0;
  for (std::uint32_t k = 0; k < columns; ++k) {
    entries += (rows + k % 3) / (k % 3 + 1);
  }
  CHECK(result.pes[0].cycles[eie::CycleClass::busy] == entries);
  CHECK(result.pes[0].events[eie::PeEvent::spmat_row_reads] == (entries + 7) / 8);
}

TEST_CASE("columns of up to 8, 16 and 32 bits of entries, and runs longer than 16 bits of cycles") {
  for (const std::uint32_t rows : {3U, 200U, 255U, 256U, 1000U, 65535U, 65536U, 100000U}) {
    for (const std::uint32_t columns : {2U, 30U, 700U}) {
      for (const std::uint32_t depth : {1U, 8U, 1024U}) {
        check_stripes(rows, columns, depth);
      }
    }
  }
}

TEST_CASE("a run longer than 31 bits of cycles") {
  check_stripes(65535, 60000, 8);
}

TEST_CASE("long stretches of zeros between two broadcasts") {
  for (const std::uint32_t columns : {10U, 20000U, 3000000U}) {
    INFO("columns " << columns);
    Stripes source(4, columns);
    eie::Parameters p;
    p.pe_count = 2;
    p.register_file_entries = 0;
    std::vector<std::int32_t> activations(columns, 0);
    activations.front() = 1;
    activations.back() = 1;
    const eie::RunResult result = eie::simulate_timing(p, source, {columns, 4, false, false}, activations);
    // Rows of two: the first broadcast in cycle 1, one cycle for each further row, the last position in the
    // last row.
    const std::uint64_t last_sent = columns / 2 + 1;
    const std::uint64_t entries_of_last = columns % 3 == 1 ? 2 : columns % 3 == 2 ? 2 : 1;
    CHECK(result.cycles == last_sent + 1 + entries_of_last + 6);
  }
}

}  // namespace
}  // namespace lacuna

// Row reads against a plain walk through the entries of each PE, whatever skipped columns, rows and counts.

#include <algorithm>

#include <boost/random/mersenne_twister.hpp>
#include <catch2/catch.hpp>

#include "models/eie/timeline/row_reads.h"

namespace lacuna {
namespace {

/// Columns of very different density, about `percent` of the rows at most.
eie::CodedMatrix random_matrix(boost::random::mt19937_64& engine, std::uint32_t rows, std::uint32_t columns,
                               std::uint32_t percent) {
  eie::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  for (std::uint32_t column = 0; column < columns; ++column) {
    const std::uint64_t density = engine() % 4 == 0 ? 0 : engine() % (percent + 1);
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (engine() % 100 < density) {
        matrix.row_indices.push_back(row);
        matrix.codes.push_back(1);
      }
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
  return matrix;
}

std::uint64_t plain_reads(const eie::ColumnCounts& counts, const std::vector<std::uint32_t>& broadcast,
                          std::uint32_t pe, std::uint32_t per_row) {
  std::uint64_t reads = 0;
  std::uint64_t entry = 0;
  std::uint64_t row_behind = 0;  // row read last, plus one
  for (std::uint32_t column = 0; column < counts.columns(); ++column) {
    const std::uint32_t entries = counts.entries_at(column, pe);
    if (std::binary_search(broadcast.begin(), broadcast.end(), column)) {
      for (std::uint32_t e = 0; e < entries; ++e) {
        const std::uint64_t row = (entry + e) / per_row;
        reads += row + 1 != row_behind ? 1U : 0U;
        row_behind = row + 1;
      }
    }
    entry += entries;
  }
  return reads;
}

void check_reads(std::uint64_t seed, std::uint32_t pes, std::uint32_t percent, std::uint32_t kept_percent) {
  boost::random::mt19937_64 engine(seed);
  const std::uint32_t columns = 300;
  eie::ImageGeometry geometry;
  geometry.pe_count = pes;
  geometry.relative_index_bits = 4;
  const eie::CodedMatrix matrix = random_matrix(engine, 40 * pes + 3, columns, percent);
  const eie::ColumnCounts counts = eie::ColumnCounts::of(matrix, geometry);
  std::vector<std::uint32_t> broadcast;
  for (std::uint32_t column = 0; column < columns; ++column) {
    if (engine() % 100 < kept_percent) {
      broadcast.push_back(column);
    }
  }
  for (const std::uint32_t per_row : {1U, 2U, 3U, 8U, 16U, 64U, 100U, 128U}) {
    INFO("seed " << seed << " PEs " << pes << " percent " << percent << " of rows, " << kept_percent
                 << " of columns, " << per_row << " entries per row");
    eie::RowReadCounter counter(counts.lanes(), per_row);
    counter.pass(counts, 0, {0, columns, broadcast.data(), broadcast.size()});
    bool equal = true;
    for (std::uint32_t pe = 0; pe < pes; ++pe) {
      equal = equal && counter.reads()[pe] == plain_reads(counts, broadcast, pe, per_row);
    }
    CHECK(equal);
  }
}

TEST_CASE("row reads are those of a walk through the entries") {
  for (const std::uint32_t pes : {16U, 64U, 128U}) {
    for (const std::uint32_t percent : {3U, 30U, 100U}) {
      for (const std::uint32_t kept_percent : {1U, 10U, 40U, 100U}) {
        check_reads(pes + percent + kept_percent, pes, percent, kept_percent);
      }
    }
  }
}

}  // namespace
}  // namespace lacuna

// Column counts against a count that follows the definition, row by row: whatever the number of PEs, the
// index width, the row batches and the density, since each has its own way to be counted.

#include <algorithm>
#include <optional>
#include <random>

#include <catch2/catch.hpp>

#include "models/eie/timeline/column_counts.h"

namespace {

using namespace lacuna;
using eie::ColumnCounts;
using eie::ImageGeometry;

std::uint32_t below(std::mt19937& random, std::uint32_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

/// One PE's part of a column and row batch.
struct Part {
  std::uint32_t entries = 0;
  std::uint32_t padding = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool first_is_padded = false;

  void add(std::uint32_t address, std::uint32_t index_bits) {
    const std::uint32_t zeros = entries == 0 ? address : address - last - 1;
    const std::uint32_t before = zeros >> index_bits;
    if (entries == 0) {
      first = address;
      first_is_padded = before != 0;
    }
    padding += before;
    entries += before + 1;
    last = address;
  }
};

std::vector<Part> defined_parts(const eie::CodedMatrix& matrix, const ImageGeometry& g) {
  const std::uint32_t per_batch = g.rows_per_batch.value_or(matrix.rows);
  const std::uint32_t batches = (matrix.rows + per_batch - 1) / per_batch;
  std::vector<Part> parts(std::size_t{batches} * matrix.columns * g.pe_count);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint64_t e = matrix.column_starts[column]; e < matrix.column_starts[column + 1]; ++e) {
      const std::uint32_t batch = matrix.row_indices[e] / per_batch;
      const std::uint32_t row = matrix.row_indices[e] % per_batch;
      const std::size_t image_column = std::size_t{batch} * matrix.columns + column;
      parts[image_column * g.pe_count + row % g.pe_count].add(row / g.pe_count, g.relative_index_bits);
    }
  }
  return parts;
}

/// Columns of all densities: every row, hardly any, none, and what lies between.
eie::CodedMatrix random_matrix(std::mt19937& random, std::uint32_t rows, std::uint32_t columns,
                               std::uint32_t most_per_mille) {
  eie::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  for (std::uint32_t column = 0; column < columns; ++column) {
    const std::uint32_t per_mille = below(random, 8) == 0 ? 1000 : below(random, most_per_mille + 1);
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (below(random, 1000) < per_mille) {
        matrix.row_indices.push_back(row);
        matrix.codes.push_back(1);
      }
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
  return matrix;
}

/// The first image column and PE in which the counts are not as defined, or an empty text.
std::string first_difference(const ColumnCounts& counts, const std::vector<Part>& parts) {
  return std::visit(
      [&](const auto& edges) -> std::string {
        using Edges = std::decay_t<decltype(edges)>;
        using Edge = typename Edges::Cell;
        const std::uint32_t pes = counts.pe_count();
        for (std::size_t i = 0; i < parts.size(); ++i) {
          const auto column = static_cast<std::uint32_t>(i / pes);
          const auto pe = static_cast<std::uint32_t>(i % pes);
          const Part& part = parts[i];
          const std::size_t cell = std::size_t{column} * counts.lanes() + pe;
          const bool any = part.entries != 0;
          const auto first = any && !part.first_is_padded ? static_cast<Edge>(part.first) : Edges::no_first;
          const auto last =
              any ? static_cast<Edge>(std::min<std::uint32_t>(part.last, Edges::no_last)) : Edges::no_last;
          if (counts.entries_at(column, pe) != part.entries ||
              counts.padding_at(column, pe) != part.padding || edges.first[cell] != first ||
              edges.last[cell] != last) {
            return "image column " + std::to_string(column) + ", PE " + std::to_string(pe);
          }
        }
        for (std::size_t column = 0; column < parts.size() / pes; ++column) {
          for (std::uint32_t lane = pes; lane < counts.lanes(); ++lane) {
            const std::size_t cell = column * counts.lanes() + lane;
            if (counts.entries_at(static_cast<std::uint32_t>(column), lane) != 0 ||
                edges.first[cell] != Edges::no_first) {
              return "image column " + std::to_string(column) + ", idle lane " + std::to_string(lane);
            }
          }
        }
        return {};
      },
      counts.edges());
}

void check_counts(const eie::CodedMatrix& matrix, const ImageGeometry& geometry) {
  INFO(geometry.pe_count << " PEs, " << geometry.relative_index_bits << " index bits, " << matrix.rows
                         << " rows, " << geometry.rows_per_batch.value_or(matrix.rows) << " per batch");
  const std::vector<Part> parts = defined_parts(matrix, geometry);
  const ColumnCounts counts = ColumnCounts::of(matrix, geometry);
  CHECK(first_difference(counts, parts) == "");
  std::uint64_t entries = 0;
  std::uint64_t padding = 0;
  std::uint32_t largest = 0;
  for (const Part& part : parts) {
    entries += part.entries;
    padding += part.padding;
    largest = std::max(largest, part.entries);
  }
  CHECK(counts.stored_entries() == entries);
  CHECK(counts.padding_entries() == padding);
  CHECK(counts.largest_count() == largest);
}

}  // namespace

TEST_CASE("columns are counted as defined for every number of PEs up to 130, and for many") {
  std::mt19937 random(1);
  std::vector<std::uint32_t> pe_counts = {255, 256, 257, 500, 512, 1000, 1024};
  for (std::uint32_t pes = 1; pes <= 130; ++pes) {
    pe_counts.push_back(pes);
  }
  for (const std::uint32_t pes : pe_counts) {
    check_counts(random_matrix(random, 1 + below(random, 3000), 9, 60), {pes, 4, std::nullopt});
  }
}

TEST_CASE("columns are counted as defined for random index widths, row batches and densities") {
  const std::uint32_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int turn = 0; turn < 150; ++turn) {
    const std::uint32_t pes = 1 + below(random, 80);
    const std::uint32_t rows = 1 + below(random, 2500);
    std::optional<std::uint32_t> per_batch;
    if (below(random, 3) == 0) {
      per_batch = pes * (1 + below(random, 100));
    }
    const std::uint32_t index_bits = 1 + below(random, 10);
    const std::uint32_t most_per_mille = below(random, 2) == 0 ? 20 : 300;
    check_counts(random_matrix(random, rows, 1 + below(random, 20), most_per_mille),
                 {pes, index_bits, per_batch});
  }
}

TEST_CASE("columns of more than 255 entries in a PE are counted as defined") {
  std::mt19937 random(2);
  for (const std::uint32_t pes : {1U, 2U, 7U, 8U, 9U, 16U, 20U, 33U, 64U, 70U}) {
    for (const std::uint32_t addresses : {239U, 240U, 241U, 255U, 256U, 257U, 300U, 500U}) {
      check_counts(random_matrix(random, pes * addresses, 6, 500), {pes, 4, std::nullopt});
      check_counts(random_matrix(random, pes * addresses - pes / 2, 6, 10), {pes, 1, std::nullopt});
    }
  }
}

TEST_CASE("columns change from dense to sparse and back while they are counted") {
  std::mt19937 random(3);
  for (const std::uint32_t pes : {8U, 12U, 24U, 64U, 100U}) {
    eie::CodedMatrix matrix = random_matrix(random, 2000, 7, 200);
    for (const std::uint32_t per_mille : {1U, 300U, 0U, 500U}) {
      const eie::CodedMatrix more = random_matrix(random, 2000, 200, per_mille);
      for (std::uint32_t column = 0; column < more.columns; ++column) {
        for (std::uint64_t e = more.column_starts[column]; e < more.column_starts[column + 1]; ++e) {
          matrix.row_indices.push_back(more.row_indices[e]);
          matrix.codes.push_back(1);
        }
        matrix.column_starts.push_back(matrix.row_indices.size());
      }
      matrix.columns += more.columns;
    }
    check_counts(matrix, {pes, 4, std::nullopt});
  }
}

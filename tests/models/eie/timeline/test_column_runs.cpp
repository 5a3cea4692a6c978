#include <boost/random/mersenne_twister.hpp>
#include <catch2/catch.hpp>

#include "models/eie/timeline/row_read_kernels.h"

namespace lacuna {
namespace {

/// The broadcast columns that runs stand for; checks that no run is too long.
std::vector<std::uint32_t> columns_of(const std::vector<eie::ColumnRun>& runs, std::uint32_t begin,
                                      std::uint32_t& end) {
  std::vector<std::uint32_t> columns;
  end = begin;
  for (const eie::ColumnRun& run : runs) {
    CHECK(run.skipped + run.taken <= eie::longest_column_run);
    end += run.skipped;
    for (std::uint32_t i = 0; i < run.taken; ++i) {
      columns.push_back(end++);
    }
  }
  return columns;
}

TEST_CASE("runs cover all columns and take the broadcast ones, whatever their density") {
  boost::random::mt19937_64 engine(1);
  for (const std::uint32_t percent : {0U, 1U, 2U, 10U, 50U, 90U, 98U, 100U}) {
    for (const std::uint32_t width : {0U, 1U, 63U, 64U, 65U, 128U, 1000U}) {
      INFO("percent " << percent << " width " << width);
      const std::uint32_t begin = 5;
      std::vector<std::uint32_t> columns;
      for (std::uint32_t column = begin; column < begin + width; ++column) {
        if (engine() % 100 < percent) {
          columns.push_back(column);
        }
      }
      const auto runs = eie::column_runs(begin, begin + width, columns.data(), columns.size());
      std::uint32_t end = 0;
      CHECK(columns_of(runs, begin, end) == columns);
      CHECK(end == begin + width);
    }
  }
}

TEST_CASE("stretches of exactly the longest run") {
  std::vector<std::uint32_t> columns;
  for (std::uint32_t column = 0; column < 64 * 64; ++column) {
    if (column / 64 % 2 == 0) {
      columns.push_back(column);
    }
  }
  const auto runs = eie::column_runs(0, 64 * 64, columns.data(), columns.size());
  std::uint32_t end = 0;
  CHECK(columns_of(runs, 0, end) == columns);
  CHECK(end == 64 * 64);
}

}  // namespace
}  // namespace lacuna

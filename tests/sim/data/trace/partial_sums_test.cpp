#include "sim/data/trace/partial_sums.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"

using namespace lacuna;

namespace {

using Engine = boost::random::mt19937;

std::uint32_t below(Engine& engine, std::uint32_t bound) {
  return boost::random::uniform_int_distribution<std::uint32_t>(0, bound - 1)(engine);
}

Trace random_trace(Engine& engine, std::uint32_t vectors) {
  Trace trace;
  trace.has_bias = below(engine, 2) == 0;
  trace.matrix.rows = 1 + below(engine, 30);
  const std::uint32_t inputs = 1 + below(engine, 40);
  trace.matrix.columns = inputs + (trace.has_bias ? 1 : 0);
  trace.codebook = {0.0F, 0.3F, -1.7F, 0.1F};
  for (std::uint32_t column = 0; column < trace.matrix.columns; ++column) {
    for (std::uint32_t row = 0; row < trace.matrix.rows; ++row) {
      if (below(engine, 3) == 0) {
        trace.matrix.row_indices.push_back(row);
        trace.matrix.codes.push_back(static_cast<std::uint8_t>(1 + below(engine, 3)));
      }
    }
    trace.matrix.column_starts.push_back(trace.matrix.row_indices.size());
  }
  trace.activations = {vectors, inputs, {}};
  for (std::size_t i = 0; i < std::size_t{vectors} * inputs; ++i) {
    trace.activations.values.push_back(
        below(engine, 3) == 0 ? 0.0F : static_cast<float>(below(engine, 2000)) / 7.0F - 100.0F);
  }
  return trace;
}

/// Vector by vector, entry by entry.
double largest_one_by_one(const Trace& trace) {
  double largest = 0.0;
  for (std::size_t vector = 0; vector < trace.activations.vectors; ++vector) {
    std::vector<double> sums(trace.matrix.rows);
    for (std::size_t column = 0; column < trace.matrix.columns; ++column) {
      const double activation =
          column < trace.inputs()
              ? static_cast<double>(trace.activations.values[vector * trace.inputs() + column])
              : 1.0;
      for (std::uint64_t e = trace.matrix.column_starts[column]; e < trace.matrix.column_starts[column + 1];
           ++e) {
        double& sum = sums[trace.matrix.row_indices[e]];
        sum += activation * static_cast<double>(trace.codebook[trace.matrix.codes[e]]);
        largest = std::max(largest, std::fabs(sum));
      }
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("the largest partial sum is the same number whatever is summed side by side") {
  Engine engine(7);
  for (const std::uint32_t vectors : {1U, 2U, 4U, 5U, 16U, 17U, 50U}) {
    for (int turn = 0; turn < 20; ++turn) {
      const Trace trace = random_trace(engine, vectors);
      INFO("seed 7, vectors " << vectors << " turn " << turn);
      const double expected = largest_one_by_one(trace);
      MatrixReader reader(trace.matrix);
      CHECK(largest_partial_sum(trace, reader) == expected);
      const std::uint64_t one_vector = std::uint64_t{trace.matrix.rows} * 8;
      for (const std::uint64_t bytes : {one_vector, 4 * one_vector, 16 * one_vector, 40 * one_vector}) {
        CHECK(largest_partial_sum(trace, reader, bytes) == expected);
      }
    }
  }
}

TEST_CASE("sums of one vector beyond the memory given are refused") {
  Engine engine(8);
  const Trace trace = random_trace(engine, 3);
  MatrixReader reader(trace.matrix);
  CHECK_THROWS_AS(largest_partial_sum(trace, reader, std::uint64_t{trace.matrix.rows} * 8 - 1),
                  CapacityError);
}

TEST_CASE("rows without nonzeros take no memory, however many a trace claims") {
  const auto seed = 17;
  Engine engine(seed);
  for (int round = 0; round < 20; ++round) {
    Trace trace = random_trace(engine, 1 + below(engine, 40));
    MatrixReader columns(trace.matrix);
    const double largest = largest_partial_sum(trace, columns);
    constexpr std::uint32_t apart = 60'000'000;
    trace.matrix.rows *= apart;  // each of the old rows would take 480 MB for each vector
    for (std::uint32_t& row : trace.matrix.row_indices) {
      row *= apart;
    }
    CHECK(largest_partial_sum(trace, columns) == largest);
  }
}

// A single pass over the column counts against schedule, row reads and recurrences one after the other, for
// the machines that it serves: any number of PEs, short columns, times within a byte; and for some that it
// refuses.

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/row_reads.h"
#include "models/eie/timeline/single_pass.h"
#include "models/eie/timeline/timing.h"
#include "tests/models/eie/timeline/run_difference.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

using eie::ColumnCounts;
using eie::LayerShape;
using Engine = boost::random::mt19937_64;

std::uint32_t between(Engine& engine, std::uint32_t low, std::uint32_t high) {
  return boost::random::uniform_int_distribution<std::uint32_t>(low, high)(engine);
}

/// A matrix of any shape, whose columns differ in density.
eie::CodedMatrix random_matrix(Engine& engine, std::uint32_t rows, std::uint32_t columns) {
  eie::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  const std::uint32_t most_per_mille = between(engine, 0, 1) == 0 ? 30 : 500;
  for (std::uint32_t column = 0; column < columns; ++column) {
    const std::uint32_t per_mille = between(engine, 0, most_per_mille);
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (between(engine, 0, 999) < per_mille) {
        matrix.row_indices.push_back(row);
        matrix.codes.push_back(1);
      }
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
  return matrix;
}

/// A part of a register, one, or several of which the last one may not be full.
std::uint32_t random_pe_count(Engine& engine) {
  switch (between(engine, 0, 3)) {
    case 0:
      return between(engine, 1, 48);
    case 1:
      return between(engine, 49, 64);
    case 2:
      return between(engine, 65, 200);
    default:
      return 16 * between(engine, 5, 30);
  }
}

test::Case single_pass_case(std::uint64_t seed) {
  test::Case c = test::random_case(seed);
  Engine engine(seed);
  eie::Parameters& p = c.parameters;
  p.pe_count = random_pe_count(engine);
  p.pointer_prefetch = between(engine, 0, 3) != 0;
  p.arithmetic_bypass = between(engine, 0, 7) != 0;
  p.queue_depth_entries = between(engine, 0, 2) == 0 ? between(engine, 1, 300) : between(engine, 1, 12);
  if (between(engine, 0, 9) != 0) {
    p.spmat_width_bits = (p.codebook_index_bits + p.relative_index_bits) << between(engine, 1, 5);
  }
  p.register_file_entries = between(engine, 0, 2) == 0 ? between(engine, 1, 8) : 0;
  const std::uint32_t inputs = between(engine, 1, 500);
  const std::uint32_t rows = between(engine, 0, 1) == 0 ? between(engine, 1, 200) : between(engine, 1, 1200);
  c.layer.matrix = random_matrix(engine, rows, inputs + (c.layer.has_bias ? 1U : 0U));
  const std::uint32_t activation_per_mille = between(engine, 0, 3) == 0 ? 5 : between(engine, 0, 1000);
  c.activations.clear();
  for (std::uint32_t input = 0; input < inputs; ++input) {
    c.activations.push_back(between(engine, 0, 999) < activation_per_mille ? 1 : 0);
  }
  return c;
}

TEST_CASE("a single pass gives the same timing as all passes one after the other") {
  std::uint64_t served = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const test::Case c = single_pass_case(seed);
    const LayerShape shape = LayerShape::of(c.layer);
    const ColumnCounts counts = ColumnCounts::of(c.layer.matrix, eie::image_geometry(c.parameters));
    served += eie::SinglePass::serves(c.parameters, counts) ? 1U : 0U;
    const eie::Schedule schedule(c.parameters, shape, counts, c.activations);
    const auto reads = eie::count_spmat_row_reads(counts, schedule, c.parameters.entries_per_spmat_row());
    const std::string difference =
        test::run_difference(eie::simulate_timing(c.parameters, counts, schedule, reads),
                             eie::simulate_timing(c.parameters, counts, shape, c.activations));
    INFO("seed " << seed << " " << test::describe(c) << "\n" << difference);
    REQUIRE(difference.empty());
  }
#ifdef LACUNA_HAS_VECTOR_CLONES
  if (__builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0) {
    CHECK(served > 150);
  }
#endif
}

}  // namespace
}  // namespace lacuna

#include "tests/models/eie/timeline/timeline_case.h"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/timeline/timeline_engine.h"
#include "tests/models/eie/timeline/run_difference.h"
#include "tests/models/eie/timeline/shrink.h"

namespace lacuna::test {
namespace {

using Engine = boost::random::mt19937_64;

std::uint32_t between(Engine& engine, std::uint32_t low, std::uint32_t high) {
  return boost::random::uniform_int_distribution<std::uint32_t>(low, high)(engine);
}

/// Draws the matrix again with so many rows, about `per_column` nonzeros in each column.
void redraw(Engine& engine, eie::Layer& layer, std::uint32_t rows, std::uint32_t per_column) {
  eie::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = layer.matrix.columns;
  const auto codes = static_cast<std::uint32_t>(layer.codebook.size());
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (between(engine, 0, rows - 1) < per_column) {
        matrix.row_indices.push_back(row);
        matrix.codes.push_back(static_cast<std::uint8_t>(between(engine, 1, codes - 1)));
      }
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
  layer.matrix = matrix;
}

}  // namespace

Case timeline_case(std::uint64_t seed) {
  Case c = random_case(seed);
  Engine engine(seed);
  eie::Parameters& p = c.parameters;
  switch (between(engine, 0, 9)) {
    case 0:
      p.pe_count = between(engine, 1, 200);
      break;
    case 1:  // one or two rows in each PE
      redraw(engine, c.layer, between(engine, 1, 2 * p.pe_count), between(engine, 1, p.pe_count));
      break;
    case 2:  // columns of more than 255 entries
      p.pe_count = between(engine, 1, 3);
      redraw(engine, c.layer, between(engine, 300, 1500), between(engine, 200, 900));
      break;
    case 3:
      p.spmat_width_bits = between(engine, 16, 512);
      p.queue_depth_entries = between(engine, 1, 3);
      break;
    case 4: {  // whole registers of lanes, rows of a power of two of entries
      const std::uint32_t entry_bits = p.codebook_index_bits + p.relative_index_bits;
      p.pe_count = between(engine, 49, 64);
      p.spmat_width_bits = entry_bits << (entry_bits < 8 ? 4U : between(engine, 0, 5));
      break;
    }
    default:
      break;
  }
  return c;
}

eie::RunResult run_timeline(const Case& c) {
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  return eie::make_timeline_engine(c.parameters)->run(c.layer, image, c.activations);
}

Comparison compare_cases(std::uint64_t first_seed, std::uint64_t count,
                         eie::RunResult (*reference)(const Case&)) {
  Comparison result;
  const auto difference = [&](const Case& c) {
    try {
      const std::string text = run_difference(reference(c), run_timeline(c));
      ++result.compared;
      return text;
    } catch (const CapacityError&) {
      return std::string();  // a layer that this machine cannot hold has no result to compare
    }
  };
  for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    const Case c = timeline_case(seed);
    if (!difference(c).empty()) {
      const Case small = shrink(c, [&](const Case& smaller) { return !difference(smaller).empty(); });
      result.difference = fmt::format("seed {}\n{}\n{}", seed, difference(small), as_yaml(small));
      break;
    }
  }
  return result;
}

}  // namespace lacuna::test

#include "sim/data/random/generated_layer.h"

#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/data/random/column_generator.h"

using namespace lacuna;

namespace {

GeneratedLayer layer_of(std::uint32_t rows, std::uint32_t inputs, double weight_density,
                        std::uint64_t seed = 1) {
  GeneratedLayer layer;
  layer.rows = rows;
  layer.inputs = inputs;
  layer.weight_density = weight_density;
  layer.seed = seed;
  return layer;
}

template <class T>
std::string checksum(const std::vector<T>& values) {
  return sha256_bytes(values.data(), values.size() * sizeof(T));
}

}  // namespace

TEST_CASE("generated traces are consistent, for any density, codebook and bias") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    GeneratedLayer layer =
        layer_of(1 + seed * 37 % 200, 1 + seed % 50, static_cast<double>(seed % 7) / 6.0, seed);
    layer.activation_density = static_cast<double>(seed % 5) / 4.0;
    layer.codebook_index_bits = 1 + seed % 8;
    layer.has_bias = seed % 2 == 0;
    layer.vectors = 1 + seed % 3;
    const Trace trace = generate_trace(layer);
    REQUIRE_NOTHROW(check_trace(trace, "generated"));
    REQUIRE(trace.codebook.size() == std::size_t{1} << layer.codebook_index_bits);
    REQUIRE(trace.matrix.columns == layer.columns());
    REQUIRE(trace.activations.vectors == layer.vectors);
  }
}

TEST_CASE("the numbers are the same on every platform") {
  // Checksums of little-endian memory, recorded once; any change of the generator changes all published
  // results.
  GeneratedLayer layer = layer_of(700, 300, 0.09, 2016);
  layer.activation_density = 0.35;
  const Trace trace = generate_trace(layer);
  CHECK(checksum(trace.matrix.row_indices) ==
        "4cbb1c24c17a55723ed18782351cccf854dbb88a4a73a752abc17d23a4981355");
  CHECK(checksum(trace.matrix.codes) == "780cd5b50187a0a2f40f858c065fd9da8a78211343240a2853672ff33115cf8e");
  CHECK(checksum(trace.codebook) == "830111213ad2149b616bb2847b2d76690970fce86b863dce06bfcecffb49953e");
  CHECK(checksum(trace.activations.values) ==
        "0056e5396d3189ff200098c2256f852695ec98f2bdd5fdba92632bdc597b00e1");
}

TEST_CASE("density 0 and 1 are empty and full") {
  CHECK(generate_trace(layer_of(100, 20, 0.0)).matrix.nonzeros() == 0);
  const Trace full = generate_trace(layer_of(100, 20, 1.0));
  CHECK(full.matrix.nonzeros() == 2000);
  CHECK(full.matrix.row_indices[1999] == 99);
}

TEST_CASE("weights have the density asked for, in all, per column and per row") {
  for (const double density : {0.001, 0.04, 0.25, 0.9}) {
    INFO("density " << density);
    const Trace trace = generate_trace(layer_of(2000, 1000, density));
    const double expected = density * 2e6;
    const double deviation = std::sqrt(expected * (1.0 - density));
    CHECK(std::fabs(static_cast<double>(trace.matrix.nonzeros()) - expected) < 5.0 * deviation);
    std::vector<double> rows(2000, 0.0);
    for (const std::uint32_t row : trace.matrix.row_indices) {
      rows[row] += 1.0;
    }
    // Chi-square of binomial counts: its mean is the number of rows, its standard deviation sqrt(2 rows).
    const auto chi_square = [density](const std::vector<double>& counts, double trials) {
      double sum = 0.0;
      for (const double count : counts) {
        sum += (count - density * trials) * (count - density * trials) / (density * (1.0 - density) * trials);
      }
      return sum;
    };
    CHECK(std::fabs(chi_square(rows, 1000.0) - 2000.0) < 6.0 * std::sqrt(4000.0));
    std::vector<double> columns;
    for (std::size_t j = 0; j < 1000; ++j) {
      columns.push_back(
          static_cast<double>(trace.matrix.column_starts[j + 1] - trace.matrix.column_starts[j]));
    }
    CHECK(std::fabs(chi_square(columns, 2000.0) - 1000.0) < 6.0 * std::sqrt(2000.0));
  }
}

TEST_CASE("gaps between nonzeros have the geometric distribution, beyond the table too") {
  constexpr double density = 0.0005;  // mean gap 2000, the table ends at 1024
  const Trace trace = generate_trace(layer_of(2000000, 2, density));
  double below = 0.0;
  double total = 0.0;
  for (std::size_t i = 1; i < trace.matrix.row_indices.size(); ++i) {
    if (trace.matrix.row_indices[i] > trace.matrix.row_indices[i - 1]) {
      const std::uint32_t gap = trace.matrix.row_indices[i] - trace.matrix.row_indices[i - 1] - 1;
      below += gap < 3000 ? 1.0 : 0.0;
      total += 1.0;
    }
  }
  REQUIRE(total > 1500.0);
  const double probability = 1.0 - std::pow(1.0 - density, 3000.0);
  CHECK(std::fabs(below - probability * total) < 5.0 * std::sqrt(total * probability * (1.0 - probability)));
}

TEST_CASE("each vector has exactly the rounded number of positive activations") {
  GeneratedLayer layer = layer_of(4, 1201, 0.1);
  layer.vectors = 20;
  for (const double density : {0.0, 0.351, 0.5, 1.0}) {
    layer.activation_density = density;
    const ActivationSet set = generate_trace(layer).activations;
    for (std::size_t vector = 0; vector < layer.vectors; ++vector) {
      int positive = 0;
      for (std::size_t i = 0; i < layer.inputs; ++i) {
        const float value = set.values[vector * layer.inputs + i];
        REQUIRE((value >= 0.0F && value < 8.0F));
        positive += value > 0.0F ? 1 : 0;
      }
      CHECK(positive == std::lround(density * 1201));
    }
  }
  layer.activation_density = 0.5;
  const ActivationSet set = generate_trace(layer).activations;
  const auto middle = set.values.begin() + 1201;
  CHECK_FALSE(std::equal(set.values.begin(), middle, middle));
}

TEST_CASE("all codes occur, about equally often") {
  const Trace trace = generate_trace(layer_of(3000, 100, 0.5));
  std::vector<double> counts(16, 0.0);
  for (const std::uint8_t code : trace.matrix.codes) {
    counts[code] += 1.0;
  }
  CHECK(counts[0] == 0.0);
  const double mean = static_cast<double>(trace.matrix.nonzeros()) / 15.0;
  for (std::size_t code = 1; code < 16; ++code) {
    CHECK(std::fabs(counts[code] - mean) < 5.0 * std::sqrt(mean));
  }
}

TEST_CASE("columns can be made one by one, in any order") {
  GeneratedLayer layer = layer_of(500, 40, 0.2, 77);
  layer.has_bias = true;
  const Trace trace = generate_trace(layer);
  const ColumnGenerator generator(layer);
  for (std::uint32_t column = layer.columns(); column-- > 0;) {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint8_t> codes;
    generator.append_rows(column, rows);
    generator.append_codes(column, rows.size(), codes);
    const auto start = static_cast<std::ptrdiff_t>(trace.matrix.column_starts[column]);
    REQUIRE(rows.size() == trace.matrix.column_starts[column + 1U] - trace.matrix.column_starts[column]);
    CHECK(std::equal(rows.begin(), rows.end(), trace.matrix.row_indices.begin() + start));
    CHECK(std::equal(codes.begin(), codes.end(), trace.matrix.codes.begin() + start));
  }
}

TEST_CASE("every part of the specification matters") {
  const GeneratedLayer base = layer_of(50, 50, 0.3);
  const Trace trace = generate_trace(base);
  GeneratedLayer other = base;
  other.seed = 2;
  CHECK(generate_trace(other).matrix.row_indices != trace.matrix.row_indices);
  CHECK(generate_trace(other).activations.values != trace.activations.values);
  CHECK(generate_trace(other).codebook != trace.codebook);
  other = base;
  other.relu = false;
  other.name = "other";
  CHECK_FALSE(generate_trace(other).relu);
  CHECK(generate_trace(other).name == "other");
}

TEST_CASE("absurd and impossible layers are refused at once") {
  const auto refuses = [](void (*spoil)(GeneratedLayer&)) {
    GeneratedLayer layer;
    layer.rows = 100;
    layer.inputs = 100;
    spoil(layer);
    try {
      generate_trace(layer);
    } catch (const ConfigurationError& error) {
      return std::string(error.what()).find("layer generated: ") == 0;
    }
    return false;
  };
  CHECK_FALSE(refuses([](GeneratedLayer&) {}));
  CHECK(refuses([](GeneratedLayer& l) { l.rows = 0; }));
  CHECK(refuses([](GeneratedLayer& l) { l.inputs = 0; }));
  CHECK(refuses([](GeneratedLayer& l) { l.vectors = 0; }));
  CHECK(refuses([](GeneratedLayer& l) { l.rows = 4000000000U; }));
  CHECK(refuses([](GeneratedLayer& l) { l.inputs = 4000000000U; }));
  CHECK(refuses([](GeneratedLayer& l) { l.weight_density = 1.01; }));
  CHECK(refuses([](GeneratedLayer& l) { l.weight_density = NAN; }));
  CHECK(refuses([](GeneratedLayer& l) { l.activation_density = -0.1; }));
  CHECK(refuses([](GeneratedLayer& l) { l.codebook_index_bits = 0; }));
  CHECK(refuses([](GeneratedLayer& l) { l.codebook_index_bits = 9; }));
  CHECK(refuses([](GeneratedLayer& l) { l.vectors = 100000000; }));
  CHECK(refuses([](GeneratedLayer& l) {
    l.rows = 2000000000;
    l.inputs = 2000000;
  }));
}

TEST_CASE("the largest published shape is made with its density") {
  const Trace trace = generate_trace(layer_of(4096, 25088, 0.04));
  CHECK(static_cast<double>(trace.matrix.nonzeros()) == Approx(0.04 * 4096 * 25088).epsilon(0.005));
}

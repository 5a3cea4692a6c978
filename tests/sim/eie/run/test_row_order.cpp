#include <algorithm>
#include <numeric>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/eie/timeline/timeline_engine.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_layer.h"
#include "sim/eie/run/run_workload.h"
#include "tests/models/eie/random_case.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

std::vector<std::uint64_t> loads(const std::vector<std::uint64_t>& weights, const RowOrder& order,
                                 std::uint32_t pes) {
  std::vector<std::uint64_t> sums(pes);
  for (std::size_t place = 0; place < order.size(); ++place) {
    sums[place % pes] += weights[order[place]];
  }
  return sums;
}

std::uint64_t largest(const std::vector<std::uint64_t>& values) {
  return *std::max_element(values.begin(), values.end());
}

}  // namespace

TEST_CASE("an order holds every row once, and row batches keep theirs") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    const test::Case c = test::random_case(seed);
    const RowOrder order = balanced_row_order(row_nonzeros(c.layer.matrix), c.parameters);
    REQUIRE(order.size() == c.layer.matrix.rows);
    CHECK(std::set<std::uint32_t>(order.begin(), order.end()).size() == order.size());
    const std::uint64_t held = std::uint64_t{c.parameters.register_file_entries} * c.parameters.pe_count;
    for (std::size_t place = 0; held != 0 && place < order.size(); ++place) {
      CHECK(place / held == order[place] / held);
    }
    const std::vector<std::uint64_t> weights = row_nonzeros(c.layer.matrix);
    RowOrder natural(order.size());
    std::iota(natural.begin(), natural.end(), 0);
    if (held == 0 || held >= order.size()) {
      const std::uint64_t mean = c.layer.matrix.nonzeros() / c.parameters.pe_count;
      const std::uint64_t heaviest = weights.empty() ? 0 : largest(weights);
      // Greedy: the fullest PE got its last row when it was the emptiest of those with room.
      if (order.size() % c.parameters.pe_count == 0 && order.size() <= c.parameters.pe_count) {
        CHECK(largest(loads(weights, order, c.parameters.pe_count)) <= mean + heaviest);
      }
    }
  }
}

TEST_CASE("outputs of reordered layers, put back, are bit-exact, and so are all saturations") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const test::Case c = test::random_case(seed);
    const std::vector<std::vector<std::int32_t>> vectors = {c.activations};
    const auto engine = eie::make_timeline_engine(c.parameters);
    const auto geometry = eie::image_geometry(c.parameters);
    const eie::RunResult natural = engine->run(c.layer, eie::encode(c.layer.matrix, geometry), c.activations);
    for (const RowOrderKind kind : {RowOrderKind::balanced_nonzeros, RowOrderKind::balanced_active}) {
      LayerConfig config;
      config.row_order = kind;
      const RowOrder order = configured_row_order(config, c.layer.matrix, vectors, c.parameters);
      eie::Layer layer = c.layer;
      layer.matrix = reordered(c.layer.matrix, order);
      const eie::RunResult run = engine->run(layer, eie::encode(layer.matrix, geometry), c.activations);
      INFO("seed " << seed << " order " << static_cast<int>(kind));
      CHECK(in_layer_order(run.outputs, order) == natural.outputs);
      CHECK(sums_of(run).pe_events[eie::PeEvent::accumulator_saturations] ==
            sums_of(natural).pe_events[eie::PeEvent::accumulator_saturations]);
      CHECK(sums_of(run).macs == sums_of(natural).macs);
      // Reordering the reordered matrix with the inverse gives the first again.
      RowOrder inverse(order.size());
      for (std::uint32_t place = 0; place < order.size(); ++place) {
        inverse[order[place]] = place;
      }
      const eie::CodedMatrix back = reordered(layer.matrix, inverse);
      CHECK(back.row_indices == c.layer.matrix.row_indices);
      CHECK(back.codes == c.layer.matrix.codes);
    }
  }
}

TEST_CASE("the heaviest rows go to different PEs") {
  eie::Parameters p;
  p.pe_count = 2;
  p.register_file_entries = 0;
  // In natural order PE 0 holds 9 + 8 + 7 and PE 1 holds 1 + 1 + 1.
  const std::vector<std::uint64_t> weights = {9, 1, 8, 1, 7, 1};
  const RowOrder order = balanced_row_order(weights, p);
  CHECK(order == RowOrder{0, 2, 1, 4, 3, 5});
  CHECK(loads(weights, order, 2) == std::vector<std::uint64_t>{11, 16});
  // Every PE keeps its number of rows: with three places each the 7 stays with the 8.
  p.register_file_entries = 1;
  CHECK(balanced_row_order(weights, p) == RowOrder{0, 1, 2, 3, 4, 5});
}

TEST_CASE("active nonzeros are counted under the first vectors only, bias always, as the machine detects") {
  eie::CodedMatrix matrix;
  matrix.rows = 2;
  matrix.columns = 3;
  matrix.column_starts = {0, 1, 2, 4};
  matrix.row_indices = {0, 1, 0, 1};
  matrix.codes = {1, 1, 1, 1};
  const std::vector<std::vector<std::int32_t>> vectors = {{5, -1}, {5, 0}, {0, 9}};
  using Weights = std::vector<std::uint64_t>;
  CHECK(row_active_nonzeros(matrix, vectors, 2, eie::NonzeroDetection::nonzero) == Weights{4, 3});
  CHECK(row_active_nonzeros(matrix, vectors, 2, eie::NonzeroDetection::positive) == Weights{4, 2});
  CHECK(row_active_nonzeros(matrix, vectors, 9, eie::NonzeroDetection::nonzero) == Weights{5, 5});
}

TEST_CASE("row_order changes the cycles of a run and not its outputs, through chains as well") {
  const test::TemporaryFolder folder;
  const auto report_of = [&](const std::string& order) {
    const RunConfig config =
        load_run_config(folder.write("c.yaml",
                                     "architecture: {kind: eie, pe_count: 16, queue_depth_entries: 4}\n"
                                     "workload:\n  layers:\n"
                                     "    - generate: {rows: 300, columns: 200, weight_density: 0.1, "
                                     "activation_density: 0.4, vectors: 3}\n"
                                     "      row_order: " +
                                         order +
                                         "\n"
                                         "    - generate: {rows: 50, columns: 300, weight_density: 0.2, "
                                         "activation_density: 0.4, seed: 4}\n"
                                         "      activations: from_previous\n"
                                         "engine: timeline\n"));
    return run_workload(config, {});
  };
  const RunReport natural = report_of("natural");
  for (const std::string order : {"balanced_nonzeros", "balanced_active"}) {
    const RunReport balanced = report_of(order);
    INFO(order);
    CHECK(balanced.layers[0].outputs_checksum == natural.layers[0].outputs_checksum);
    CHECK(balanced.layers[1].outputs_checksum == natural.layers[1].outputs_checksum);
    CHECK(balanced.layers[0].sums.cycles < natural.layers[0].sums.cycles);
    CHECK(balanced.layers[1].sums.cycles == natural.layers[1].sums.cycles);
  }
}

TEST_CASE("a machine that holds a layer only in natural order says so") {
  eie::Parameters p;
  p.pe_count = 2;
  p.register_file_entries = 0;
  p.relative_index_bits = 1;
  p.spmat_width_bits = 32;
  eie::Layer natural;
  natural.codebook = {0, 1};
  natural.formats = {{16, 4}, {16, 4}, {16, 4}, {16, 4}};
  // PE 1 holds rows 1, 3, ... of which only the last has an entry: much padding in one order, none in
  // another.
  natural.matrix.rows = 512;
  natural.matrix.columns = 1;
  natural.matrix.row_indices = {0, 1};
  natural.matrix.codes = {1, 1};
  natural.matrix.column_starts = {0, 2};
  eie::Layer padded = natural;
  padded.matrix.row_indices = {510, 511};
  p.spmat_capacity_bytes = 64;
  CHECK_NOTHROW(fitting_image(p, natural));
  CHECK_THROWS_AS(fitting_image(p, padded), CapacityError);
  CHECK_THROWS_WITH(fitting_image(p, padded, &natural.matrix), Catch::Contains("row_order: natural fits"));
  CHECK_THROWS_WITH(fitting_image(p, padded, &padded.matrix), !Catch::Contains("natural fits"));
}

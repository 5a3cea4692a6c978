// The ways to the same timing: shared schedules, streamed columns, counts from the matrix and from its
// encoding.

#include <optional>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/eie/cycle_observer.h"
#include "models/eie/timeline/column_counts_builder.h"
#include "models/eie/timeline/row_reads.h"
#include "models/eie/timeline/timeline_engine.h"
#include "models/eie/timeline/timing.h"
#include "tests/models/eie/timeline/run_difference.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

using eie::ColumnCounts;
using eie::LayerShape;

eie::RunResult timing_of(const test::Case& c) {
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  return eie::make_timeline_engine(c.parameters)->run(c.layer, image, c.activations, eie::Outputs::skipped);
}

TEST_CASE("without outputs the engine gives the same but values") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const test::Case c = test::timeline_case(seed);
    INFO("seed " << seed);
    eie::RunResult with = test::run_timeline(c);
    const eie::RunResult without = timing_of(c);
    CHECK(without.outputs.empty());
    with.outputs.clear();
    for (eie::PeResult& pe : with.pes) {
      pe.events[eie::PeEvent::accumulator_saturations] = 0;
    }
    CHECK(test::run_difference(with, without).empty());
  }
}

std::uint32_t padding_in(const eie::PeMemory& memory, std::uint32_t column) {
  const auto code = memory.codes.begin();
  return static_cast<std::uint32_t>(
      std::count(code + memory.pointers[column], code + memory.pointers[column + 1], 0));
}

TEST_CASE("counts from the matrix equal counts from its encoding") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const test::Case c = test::timeline_case(seed);
    INFO("seed " << seed);
    const eie::ImageGeometry geometry = eie::image_geometry(c.parameters);
    const eie::MemoryImage image = eie::encode(c.layer.matrix, geometry);
    const ColumnCounts counted = ColumnCounts::of(c.layer.matrix, geometry);
    CHECK(counted.stored_entries() == image.stored_entries);
    CHECK(counted.padding_entries() == image.padding_entries);
    bool equal = counted.row_batches() == image.row_batches;
    std::uint32_t largest = 0;
    for (std::uint32_t column = 0; column < image.image_columns(); ++column) {
      for (std::uint32_t pe = 0; pe < c.parameters.pe_count; ++pe) {
        const eie::PeMemory& memory = image.pes[pe];
        const std::uint32_t entries = memory.pointers[column + 1] - memory.pointers[column];
        largest = std::max(largest, entries);
        equal = equal && counted.entries_at(column, pe) == entries &&
                counted.padding_at(column, pe) == padding_in(memory, column);
      }
    }
    CHECK(equal);
    CHECK(counted.largest_count() == largest);
    const LayerShape shape = LayerShape::of(c.layer);
    CHECK(
        test::run_difference(timing_of(c), eie::simulate_timing(c.parameters, counted, shape, c.activations))
            .empty());
  }
}

TEST_CASE("an image of the timeline engine has the sizes of the encoding, and serves as well") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const test::Case c = test::timeline_case(seed);
    INFO("seed " << seed);
    const auto engine = eie::make_timeline_engine(c.parameters);
    const eie::MemoryImage encoded = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
    const eie::MemoryImage sizes = engine->image_of(c.layer);
    CHECK(sizes.pes.empty());
    CHECK(sizes.stored_entries == encoded.stored_entries);
    CHECK(sizes.padding_entries == encoded.padding_entries);
    CHECK(sizes.image_columns() == encoded.image_columns());
    for (std::uint32_t pe = 0; pe < c.parameters.pe_count; ++pe) {
      CHECK(sizes.entries_of(pe) == encoded.entries_of(pe));
    }
    CHECK(test::run_difference(engine->run(c.layer, encoded, c.activations),
                               engine->run(c.layer, sizes, c.activations))
              .empty());
  }
}

TEST_CASE("a streamed layer gives the same timing, whatever is held at once") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const test::Case c = test::timeline_case(seed);
    const eie::RunResult expected = timing_of(c);
    for (const std::size_t held_cells : {std::size_t{1}, std::size_t{500}, eie::default_stream_cells}) {
      INFO("seed " << seed << " held cells " << held_cells);
      eie::MatrixColumns source(c.layer.matrix);
      const eie::RunResult streamed =
          eie::simulate_timing(c.parameters, source, LayerShape::of(c.layer), c.activations, held_cells);
      const std::string difference = test::run_difference(expected, streamed);
      INFO(difference);
      CHECK(difference.empty());
    }
  }
}

TEST_CASE("machines that differ in depths, widths and pipeline share counts, schedule and row reads") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    test::Case c = test::timeline_case(seed);
    const LayerShape shape = LayerShape::of(c.layer);
    const ColumnCounts counts = ColumnCounts::of(c.layer.matrix, eie::image_geometry(c.parameters));
    const eie::Schedule schedule(c.parameters, shape, counts, c.activations);
    for (const std::uint32_t depth : {1U, 3U, 8U, 300U, 1024U}) {
      for (const std::uint32_t width : {32U, 64U, 200U}) {
        for (const int pipeline : {0, 1, 2, 3}) {
          c.parameters.queue_depth_entries = depth;
          c.parameters.spmat_width_bits = width;
          c.parameters.pointer_prefetch = (pipeline & 1) != 0;
          c.parameters.arithmetic_bypass = (pipeline & 2) != 0;
          const auto reads =
              eie::count_spmat_row_reads(counts, schedule, c.parameters.entries_per_spmat_row());
          const std::string difference =
              test::run_difference(timing_of(c), eie::simulate_timing(c.parameters, counts, schedule, reads));
          INFO("seed " << seed << " depth " << depth << " width " << width << " pipeline " << pipeline << "\n"
                       << difference);
          REQUIRE(difference.empty());
        }
      }
    }
  }
}

TEST_CASE("counts and vectors of another shape are refused") {
  const test::Case c = test::timeline_case(1);
  const LayerShape shape = LayerShape::of(c.layer);
  const ColumnCounts counts = ColumnCounts::of(c.layer.matrix, eie::image_geometry(c.parameters));
  eie::Parameters other = c.parameters;
  other.pe_count += 1;
  CHECK_THROWS_AS(eie::Schedule(other, shape, counts, c.activations), ConfigurationError);
  LayerShape wider = shape;
  wider.inputs += 1;
  CHECK_THROWS_AS(eie::Schedule(c.parameters, wider, counts, c.activations), ConfigurationError);
  std::vector<std::int32_t> shorter = c.activations;
  shorter.push_back(0);
  CHECK_THROWS_AS(eie::Schedule(c.parameters, shape, counts, shorter), ConfigurationError);
}

TEST_CASE("counts for other row batches are refused") {
  const eie::Layer layer = test::layer_from_dense(3, 1, {1, 1, 1});
  eie::Parameters batched;
  batched.pe_count = 1;
  batched.register_file_entries = 1;
  eie::Parameters at_once = batched;
  at_once.register_file_entries = 0;
  const ColumnCounts counts = ColumnCounts::of(layer.matrix, eie::image_geometry(batched));
  CHECK_THROWS_WITH(eie::Schedule(at_once, LayerShape::of(layer), counts, {1}),
                    Catch::Contains("1 rows per batch") && Catch::Contains("all rows in one batch"));
}

TEST_CASE("a row beyond the matrix is refused while counting") {
  eie::ColumnCountsBuilder builder({4, 4, std::nullopt}, 10, 1);
  const std::vector<std::uint32_t> rows = {1, 10};
  CHECK_THROWS_AS(builder.add({rows.data(), rows.size()}), InputDataError);
}

TEST_CASE("more cells than memory could hold are refused before they are allocated") {
  CHECK_THROWS_AS(eie::ColumnCountsBuilder({1024, 4, 1024}, 0xffffffffU, 0xffffffffU), CapacityError);
}

TEST_CASE("the engine has no clock to observe") {
  struct Nobody : eie::CycleObserver {
    void broadcast(eie::CycleNumber, eie::ColumnNumber, std::int32_t) override {}
    void occupancies(eie::CycleNumber, const std::vector<std::uint32_t>&) override {}
  } observer;
  const auto engine = eie::make_timeline_engine(eie::Parameters());
  CHECK_THROWS_AS(engine->observe(&observer), ConfigurationError);
  CHECK_NOTHROW(engine->observe(nullptr));
}

}  // namespace
}  // namespace lacuna

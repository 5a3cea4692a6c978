// Every parameter changes what it should, and nothing that does not fit is simulated.

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/models/eie/machine_runs.h"

namespace lacuna {
namespace {

using Catch::Contains;
using eie::CycleClass;
using eie::PeEvent;

/// 64 x 64, about a quarter of the entries, half of the activations; values large enough to round and
/// saturate.
test::Case base_case() {
  test::Case c;
  c.parameters.pe_count = 4;
  c.parameters.register_file_entries = 0;
  std::vector<std::uint8_t> codes(64 * 64, 0);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = (i * i + 7 * i) % 11 < 3 ? static_cast<std::uint8_t>(1 + i % 15) : 0;
  }
  c.layer = test::layer_from_dense(64, 64, codes);
  for (std::size_t k = 1; k < c.layer.codebook.size(); ++k) {
    c.layer.codebook[k] = static_cast<std::int32_t>(k * 1717) - 13000;
  }
  c.layer.formats = {{16, 1}, {16, 3}, {16, 5}, {16, 3}};
  for (std::int32_t j = 0; j < 64; ++j) {
    c.activations.push_back(j % 2 == 0 ? 900 + 37 * j : 0);
  }
  return c;
}

std::uint64_t total(const eie::RunResult& result, PeEvent event) {
  std::uint64_t sum = 0;
  for (const eie::PeResult& pe : result.pes) {
    sum += pe.events[event];
  }
  return sum;
}

std::uint64_t total(const eie::RunResult& result, CycleClass cycle_class) {
  std::uint64_t sum = 0;
  for (const eie::PeResult& pe : result.pes) {
    sum += pe.cycles[cycle_class];
  }
  return sum;
}

TEST_CASE("more PEs take fewer cycles and compute the same") {
  test::Case c = base_case();
  const eie::RunResult four = test::run_systemc(c);
  c.parameters.pe_count = 16;
  const eie::RunResult sixteen = test::run_systemc(c);
  CHECK(sixteen.cycles < four.cycles);
  CHECK(sixteen.outputs == four.outputs);
}

TEST_CASE("1 and 1024 PEs, and queues of 1 and 1024, run") {
  for (const std::uint32_t pes : {1U, 1024U}) {
    for (const std::uint32_t depth : {1U, 1024U}) {
      test::Case c = base_case();
      const auto expected = test::run_systemc(c).outputs;
      c.parameters.pe_count = pes;
      c.parameters.queue_depth_entries = depth;
      CHECK(test::run_systemc(c).outputs == expected);
    }
  }
}

TEST_CASE("a deeper queue takes fewer cycles while PEs are unevenly loaded") {
  test::Case c = base_case();
  c.parameters.pe_count = 16;
  c.parameters.queue_depth_entries = 1;
  const eie::RunResult shallow = test::run_systemc(c);
  c.parameters.queue_depth_entries = 8;
  const eie::RunResult deep = test::run_systemc(c);
  CHECK(deep.cycles < shallow.cycles);
  CHECK(total(deep, CycleClass::queue_full) < total(shallow, CycleClass::queue_full));
}

TEST_CASE("a wider sparse-matrix row is read less often") {
  test::Case c = base_case();
  std::uint64_t previous = ~std::uint64_t{0};
  std::uint64_t cycles = 0;
  for (const std::uint32_t width : {32U, 64U, 128U, 512U}) {
    c.parameters.spmat_width_bits = width;
    const eie::RunResult result = test::run_systemc(c);
    CHECK(total(result, PeEvent::spmat_row_reads) < previous);
    CHECK((cycles == 0 || cycles == result.cycles));
    previous = total(result, PeEvent::spmat_row_reads);
    cycles = result.cycles;
  }
}

TEST_CASE("rows of one and of two entries are read as the contract says") {
  test::Case c = base_case();
  c.parameters.spmat_width_bits = 64;
  const eie::RunResult wide = test::run_systemc(c);
  for (const std::uint32_t per_row : {1U, 2U}) {
    c.parameters.spmat_width_bits = 8 * per_row;
    const eie::RunResult result = test::run_systemc(c);
    CHECK(result.cycles == wide.cycles);
    CHECK(result.outputs == wide.outputs);
    if (per_row == 1) {  // every entry is a row of its own
      CHECK(total(result, PeEvent::spmat_row_reads) ==
            total(result, PeEvent::codebook_reads) + total(result, PeEvent::padding_entries));
    } else {
      CHECK(total(result, PeEvent::spmat_row_reads) > total(wide, PeEvent::spmat_row_reads));
    }
  }
}

TEST_CASE("a row has room for an entry") {
  eie::Parameters p;
  p.spmat_width_bits = 12;
  p.codebook_index_bits = 8;
  CHECK_NOTHROW(eie::check_parameters(p));
  p.relative_index_bits = 5;
  CHECK_THROWS_WITH(eie::check_parameters(p),
                    "spmat_width_bits: 12 is narrower than an entry; at least codebook_index_bits + "
                    "relative_index_bits = 13");
}

TEST_CASE("index and code widths set the entries of a row, and narrow indices need padding") {
  test::Case c = base_case();
  const eie::RunResult four_bits = test::run_systemc(c);
  c.parameters.relative_index_bits = 2;
  const eie::RunResult two_bits = test::run_systemc(c);
  CHECK(total(two_bits, PeEvent::padding_entries) > total(four_bits, PeEvent::padding_entries));
  CHECK(two_bits.cycles > four_bits.cycles);
  CHECK(two_bits.outputs == four_bits.outputs);
  c = base_case();
  c.parameters.codebook_index_bits = 8;
  CHECK(total(test::run_systemc(c), PeEvent::spmat_row_reads) > total(four_bits, PeEvent::spmat_row_reads));
}

TEST_CASE("rounding and the accumulator's width change the values") {
  test::Case c = base_case();
  const auto nearest = test::run_systemc(c).outputs;
  c.parameters.rounding = Rounding::truncate;
  CHECK(test::run_systemc(c).outputs != nearest);
  c = base_case();
  c.parameters.accumulator_width_bits = 32;
  c.layer.formats.accumulator = {32, 5};
  CHECK(test::run_systemc(c).outputs != nearest);
  c = base_case();
  c.layer.formats.accumulator = {16, 0};
  const eie::RunResult narrow = test::run_systemc(c);
  CHECK(total(narrow, PeEvent::accumulator_saturations) > 0);
}

TEST_CASE("nearest-even differs from nearest exactly at ties") {
  test::Case c;
  c.parameters.pe_count = 1;
  c.layer = test::layer_from_dense(1, 1, {1});
  c.layer.formats = {{16, 15}, {16, 14}, {16, 15}, {16, 15}};  // one fraction bit to drop
  c.activations = {5};                                         // 5 / 2 = 2.5
  CHECK(test::run_systemc(c).outputs == std::vector<std::int32_t>{3});
  c.parameters.rounding = Rounding::nearest_even;
  CHECK(test::run_systemc(c).outputs == std::vector<std::int32_t>{2});
  c.parameters.rounding = Rounding::truncate;
  CHECK(test::run_systemc(c).outputs == std::vector<std::int32_t>{2});
}

TEST_CASE("negative activations are broadcast by nonzero detection and skipped by positive detection") {
  test::Case c = base_case();
  c.activations[0] = -500;
  const eie::RunResult nonzero = test::run_systemc(c);
  c.parameters.nonzero_detection = eie::NonzeroDetection::positive;
  const eie::RunResult positive = test::run_systemc(c);
  CHECK(positive.control[eie::ControlEvent::broadcasts] ==
        nonzero.control[eie::ControlEvent::broadcasts] - 1);
  CHECK(positive.outputs != nonzero.outputs);
}

TEST_CASE("register files smaller than the vectors make batches") {
  test::Case c = base_case();
  const eie::RunResult whole = test::run_systemc(c);
  c.parameters.register_file_entries = 16;  // 16 x 4 PEs hold the vectors
  const eie::RunResult fits = test::run_systemc(c);
  CHECK(fits.cycles == whole.cycles);
  CHECK(total(fits, CycleClass::batch_load) == 0);
  c.parameters.register_file_entries = 8;
  const eie::RunResult batched = test::run_systemc(c);
  CHECK(batched.outputs == whole.outputs);
  CHECK(batched.cycles > whole.cycles);
  CHECK(total(batched, CycleClass::batch_load) > 0);
  CHECK(total(batched, CycleClass::batch_store) > 0);
  CHECK(batched.control[eie::ControlEvent::broadcasts] == 2 * whole.control[eie::ControlEvent::broadcasts]);
}

TEST_CASE("what does not fit is refused with layer, need and limit") {
  test::Case c = base_case();
  SECTION("pointers too narrow") {
    c.parameters.pointer_width_bits = 8;
    CHECK_THROWS_WITH(test::run_systemc(c), Contains("layer dense: pointer: needs 9 bits for") &&
                                                Contains("pointer_width_bits is 8"));
  }
  SECTION("pointer SRAM too small") {
    c.parameters.pointer_capacity_bytes = 64;
    CHECK_THROWS_WITH(test::run_systemc(c),
                      Contains("pointer SRAM: needs 65 pointers") && Contains("64 bytes hold 32"));
  }
  SECTION("sparse-matrix SRAM too small") {
    c.parameters.spmat_capacity_bytes = 64;
    CHECK_THROWS_WITH(test::run_systemc(c),
                      Contains("sparse-matrix SRAM: needs") && Contains("64 bytes hold 8 rows"));
  }
  SECTION("activation SRAM too small for the batches' accumulators and inputs") {
    c.parameters.register_file_entries = 4;
    c.parameters.activation_sram_bytes = 16;
    CHECK_THROWS_WITH(
        test::run_systemc(c),
        Contains("activation SRAM: needs 32 entries per PE (16 inputs, 16 accumulators and outputs)") &&
            Contains("16 bytes hold 8"));
  }
  SECTION("codebook larger than its index") {
    c.parameters.codebook_index_bits = 3;
    CHECK_THROWS_WITH(test::run_systemc(c),
                      Contains("codebook: needs 16 shared weights") && Contains("addresses 8"));
  }
  SECTION("accumulator finer than the product") {
    c.parameters.accumulator_width_bits = 32;
    c.layer.formats.accumulator = {32, 0};
    CHECK_THROWS_WITH(test::run_systemc(c), Contains("accumulator format: needs 31 fraction bits"));
  }
  SECTION("formats that are not the machine's") {
    c.parameters.weight_value_width_bits = 12;
    CHECK_THROWS_WITH(test::run_systemc(c), Contains("weight format") && Contains("the machine has 12 bits"));
  }
  SECTION("a bias whose 1.0 the activation format cannot hold") {
    c.layer.has_bias = true;
    c.layer.formats.activation = {16, 0};
    CHECK_THROWS_WITH(test::run_systemc(c), Contains("the bias row's activation 1.0"));
  }
  CHECK_THROWS_AS(test::run_systemc(c), CapacityError);
}

TEST_CASE("parameters out of range are refused by name") {
  const auto message = [](auto change) {
    eie::Parameters p;
    change(p);
    try {
      eie::check_parameters(p);
    } catch (const ConfigurationError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(message([](eie::Parameters&) {}) == "accepted");
  CHECK(message([](eie::Parameters& p) { p.pe_count = 0; }) ==
        "pe_count: 0 is out of range; allowed: 1 to 1024");
  CHECK(message([](eie::Parameters& p) { p.pe_count = 1025; }) ==
        "pe_count: 1025 is out of range; allowed: 1 to 1024");
  CHECK_THAT(message([](eie::Parameters& p) { p.clock_mhz = 0; }), Contains("clock_mhz: 0 is out of range"));
  CHECK_THAT(message([](eie::Parameters& p) {
               p.activation_width_bits = 32;
               p.activation_sram_width_bits = 16;
             }),
             Contains("activation_sram_width_bits: 16 is narrower than an activation"));
}

}  // namespace
}  // namespace lacuna

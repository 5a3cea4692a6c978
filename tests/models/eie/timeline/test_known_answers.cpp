// Small machines and layers whose results were worked out by hand from the contract's tables and rules.

#include <catch2/catch.hpp>

#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

using eie::ControlEvent;
using eie::CycleClass;
using eie::PeEvent;

/// A machine of `pes` PEs that holds whole vectors, and a layer from rows of codes.
test::Case small_case(std::uint32_t pes, std::uint32_t rows, std::uint32_t columns,
                      const std::vector<std::uint8_t>& codes, const std::vector<std::int32_t>& activations) {
  test::Case c;
  c.parameters.pe_count = pes;
  c.parameters.register_file_entries = 0;
  c.layer = test::layer_from_dense(rows, columns, codes);
  c.activations = activations;
  return c;
}

std::uint64_t cycles_in(const eie::RunResult& result, std::size_t pe, CycleClass c) {
  return result.pes.at(pe).cycles[c];
}

std::uint64_t events_of(const eie::RunResult& result, std::size_t pe, PeEvent event) {
  return result.pes.at(pe).events[event];
}

TEST_CASE("scan: the table of section 5") {
  const test::Case c =
      small_case(4, 4, 12, std::vector<std::uint8_t>(48, 0), {0, 5, 0, 7, 0, 0, 0, 0, 3, 0, 0, 0});
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.cycles == 8);  // C = 6, and nothing was written
  CHECK(result.control[ControlEvent::broadcasts] == 3);
  CHECK(result.control[ControlEvent::row_loads] == 3);
  CHECK(result.control[ControlEvent::scan_cycles] == 5);
  CHECK(result.control[ControlEvent::lnzd_node_evaluations] == 5);
  CHECK(result.control[ControlEvent::blocked_cycles] == 0);
  for (std::size_t pe = 0; pe < 4; ++pe) {
    CHECK(cycles_in(result, pe, CycleClass::pointer) == 3);
    CHECK(cycles_in(result, pe, CycleClass::starved) == 5);
    CHECK(events_of(result, pe, PeEvent::source_register_reads) == 3);
  }
}

TEST_CASE("one broadcast into an idle PE: the table of section 6, and the lookup without prefetch") {
  test::Case c = small_case(1, 2, 1, {1, 1}, {1});
  const eie::RunResult with = test::run_timeline(c);
  CHECK(with.cycles == 10);  // sent in 1, issued in 3 and 4, written in 8 and 9
  CHECK(cycles_in(with, 0, CycleClass::busy) == 2);
  CHECK(cycles_in(with, 0, CycleClass::starved) == 3);
  CHECK(cycles_in(with, 0, CycleClass::drain) == 5);

  c.parameters.pointer_prefetch = false;
  const eie::RunResult without = test::run_timeline(c);
  CHECK(without.cycles == 11);
  CHECK(cycles_in(without, 0, CycleClass::pointer) == 1);
  CHECK(cycles_in(without, 0, CycleClass::busy) == 2);
}

TEST_CASE("hold: the table of section 7") {
  test::Case c = small_case(1, 1, 2, {1, 1}, {1, 2});
  const eie::RunResult bypass = test::run_timeline(c);
  CHECK(bypass.cycles == 10);
  CHECK(events_of(bypass, 0, PeEvent::accumulator_bypasses) == 1);
  CHECK(events_of(bypass, 0, PeEvent::accumulator_reads) == 1);

  c.parameters.arithmetic_bypass = false;
  const eie::RunResult hold = test::run_timeline(c);
  CHECK(hold.cycles == 11);  // B waits in S1 in cycle 6 and is written in 10
  CHECK(cycles_in(hold, 0, CycleClass::hazard) == 1);
  CHECK(cycles_in(hold, 0, CycleClass::starved) == 3);
  CHECK(cycles_in(hold, 0, CycleClass::busy) == 2);
  CHECK(cycles_in(hold, 0, CycleClass::drain) == 5);
  CHECK(events_of(hold, 0, PeEvent::accumulator_bypasses) == 0);
  CHECK(events_of(hold, 0, PeEvent::accumulator_reads) == 2);
  CHECK(hold.outputs == bypass.outputs);
  CHECK(hold.outputs == std::vector<std::int32_t>{3});
}

TEST_CASE("three meetings in a row hold three times") {
  test::Case c = small_case(1, 1, 4, {1, 1, 1, 1}, {1, 1, 1, 1});
  c.parameters.arithmetic_bypass = false;
  const eie::RunResult result = test::run_timeline(c);
  // Issued in 3, 4, 5 and 7; the holds are 6, 8 and 10; the last entry is in S1 in 9, 10, 11 and written
  // in 14.
  CHECK(cycles_in(result, 0, CycleClass::hazard) == 3);
  CHECK(cycles_in(result, 0, CycleClass::busy) == 4);
  CHECK(result.cycles == 15);
}

TEST_CASE("a full queue blocks the control unit, and starves the other PE for that cause") {
  // PE 0 holds rows 0, 2, 4, 6; PE 1 holds nothing.
  std::vector<std::uint8_t> codes(16, 0);
  for (const std::size_t row : {0U, 2U, 4U, 6U}) {
    codes[row * 2] = codes[row * 2 + 1] = 1;
  }
  test::Case c = small_case(2, 8, 2, codes, {1, 1});
  c.parameters.queue_depth_entries = 1;
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.cycles == 16);
  CHECK(result.control[ControlEvent::blocked_cycles] == 1);
  CHECK(cycles_in(result, 0, CycleClass::busy) == 8);
  CHECK(cycles_in(result, 0, CycleClass::starved) == 3);
  CHECK(cycles_in(result, 0, CycleClass::drain) == 5);
  CHECK(cycles_in(result, 1, CycleClass::pointer) == 2);
  CHECK(cycles_in(result, 1, CycleClass::queue_full) == 1);
  CHECK(cycles_in(result, 1, CycleClass::starved) == 3);
  CHECK(cycles_in(result, 1, CycleClass::drain) == 10);
}

TEST_CASE("lookups of trailing empty columns happen, but the run ends before them") {
  std::vector<std::uint8_t> codes(4 * 7, 0);
  for (std::size_t row = 0; row < 4; ++row) {
    codes[row * 7] = 1;
  }
  const test::Case c = small_case(1, 4, 7, codes, std::vector<std::int32_t>(7, 1));
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.cycles == 12);  // issued in 3 to 6, written in 11; the last lookup is in 12
  CHECK(cycles_in(result, 0, CycleClass::starved) == 3);
  CHECK(cycles_in(result, 0, CycleClass::busy) == 4);
  CHECK(cycles_in(result, 0, CycleClass::pointer) == 5);
  CHECK(events_of(result, 0, PeEvent::pointer_reads) == 7);
}

TEST_CASE("batches: each load, compute and store phase has its length") {
  test::Case c = small_case(1, 2, 2, {1, 1, 1, 1}, {1, 1});
  c.parameters.register_file_entries = 1;
  c.layer.relu = true;
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.cycles == 2 * (2 * (1 + 9) + 1));
  CHECK(cycles_in(result, 0, CycleClass::batch_load) == 4);
  CHECK(cycles_in(result, 0, CycleClass::batch_store) == 2);
  CHECK(events_of(result, 0, PeEvent::source_register_writes) == 4);
  CHECK(events_of(result, 0, PeEvent::activation_sram_reads) == 4);
  CHECK(events_of(result, 0, PeEvent::activation_sram_writes) == 2);
  CHECK(events_of(result, 0, PeEvent::destination_register_reads) == 2);
  CHECK(events_of(result, 0, PeEvent::relu_operations) == 2);
  CHECK(result.control[ControlEvent::row_loads] == 4);
}

TEST_CASE("LNZD latency fills the tree before each compute phase") {
  test::Case c = small_case(5, 1, 5, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0});
  CHECK(test::run_timeline(c).cycles == 4);
  c.parameters.lnzd_latency_cycles = 3;  // two levels
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.cycles == 10);
  CHECK(result.control[ControlEvent::scan_cycles] == 1);
  CHECK(result.control[ControlEvent::lnzd_node_evaluations] == 3);
  CHECK(cycles_in(result, 4, CycleClass::starved) == 10);
}

TEST_CASE("the bias row is scanned after the last source row") {
  test::Case c = small_case(2, 1, 3, {1, 0, 1}, {7, 0});
  c.layer.has_bias = true;
  c.layer.formats.activation = {16, 14};
  c.layer.formats.accumulator = {16, 14};
  c.layer.formats.output = {16, 14};
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.control[ControlEvent::broadcasts] == 2);
  CHECK(result.control[ControlEvent::row_loads] == 2);
  CHECK(events_of(result, 0, PeEvent::source_register_reads) == 1);
  CHECK(result.outputs == std::vector<std::int32_t>{7 + 2});  // 1.0 is 2 with one fraction bit
}

TEST_CASE("sparse-matrix rows are read once while they last, across columns and skipped ones") {
  // Eight entries to a row; columns of 5 entries: 0-4, 5-9, 10-14.
  const test::Case all = small_case(1, 5, 3, std::vector<std::uint8_t>(15, 1), {1, 1, 1});
  const eie::RunResult every = test::run_timeline(all);
  CHECK(events_of(every, 0, PeEvent::spmat_row_reads) == 2);
  CHECK(events_of(every, 0, PeEvent::spmat_row_reuses) == 13);
  test::Case gap = all;
  gap.activations[1] = 0;
  const eie::RunResult skipping = test::run_timeline(gap);
  CHECK(events_of(skipping, 0, PeEvent::spmat_row_reads) == 2);
  CHECK(events_of(skipping, 0, PeEvent::spmat_row_reuses) == 8);
  test::Case wide = all;
  wide.parameters.spmat_width_bits = 36;  // four entries, and four bits unused
  CHECK(events_of(test::run_timeline(wide), 0, PeEvent::spmat_row_reads) == 4);
}

TEST_CASE("padding entries occupy cycles and nothing else") {
  std::vector<std::uint8_t> codes(40, 0);
  codes[39] = 1;
  const eie::RunResult result = test::run_timeline(small_case(1, 40, 1, codes, {1}));
  CHECK(cycles_in(result, 0, CycleClass::busy) == 3);  // 39 zeros: 16 + 16 + 7
  CHECK(events_of(result, 0, PeEvent::padding_entries) == 2);
  CHECK(events_of(result, 0, PeEvent::multiplies) == 1);
}

TEST_CASE("sums that leave the accumulator's range are clipped and counted") {
  test::Case c = small_case(1, 1, 3, {1, 1, 2}, {100, 100, -5});
  c.parameters.accumulator_width_bits = 8;
  c.layer.formats.accumulator = {8, 7};
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.outputs == std::vector<std::int32_t>{117});  // 100, 127, 117
  CHECK(events_of(result, 0, PeEvent::accumulator_saturations) == 1);
}

TEST_CASE("only positive activations are broadcast when nonzero detection says so") {
  test::Case c = small_case(1, 1, 3, {1, 1, 1}, {3, -3, 0});
  CHECK(test::run_timeline(c).control[ControlEvent::broadcasts] == 2);
  c.parameters.nonzero_detection = eie::NonzeroDetection::positive;
  const eie::RunResult result = test::run_timeline(c);
  CHECK(result.control[ControlEvent::broadcasts] == 1);
  CHECK(result.outputs == std::vector<std::int32_t>{3});
}

}  // namespace
}  // namespace lacuna

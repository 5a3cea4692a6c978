// The timing tables of docs/microarchitecture.md, cycle by cycle.

#include <catch2/catch.hpp>

#include "tests/models/eie/machine_runs.h"

namespace lacuna {
namespace {

using eie::ControlEvent;
using eie::CycleClass;
using eie::PeEvent;

test::Case small_case(std::uint32_t pes, std::uint32_t rows, std::uint32_t columns,
                      std::vector<std::uint8_t> codes, std::vector<std::int32_t> activations) {
  test::Case c;
  c.parameters.pe_count = pes;
  c.parameters.register_file_entries = 0;
  c.layer = test::layer_from_dense(rows, columns, codes);
  c.activations = std::move(activations);
  return c;
}

/// One PE, `columns` columns with the same `rows` dense rows, all activations set.
test::Case one_pe(std::uint32_t rows, std::uint32_t columns) {
  return small_case(1, rows, columns, std::vector<std::uint8_t>(std::size_t{rows} * columns, 1),
                    std::vector<std::int32_t>(columns, 1));
}

std::vector<std::uint64_t> broadcast_cycles(const test::ObservedRun& run) {
  std::vector<std::uint64_t> cycles;
  for (const auto& broadcast : run.broadcasts) {
    cycles.push_back(broadcast.cycle.value());
  }
  return cycles;
}

std::vector<std::uint32_t> occupancies(const test::ObservedRun& run, std::size_t pe, std::size_t count) {
  std::vector<std::uint32_t> entries;
  for (std::size_t cycle = 0; cycle < count; ++cycle) {
    entries.push_back(run.occupancy.at(cycle).at(pe));
  }
  return entries;
}

using Cycles = std::vector<std::uint64_t>;
using Entries = std::vector<std::uint32_t>;

TEST_CASE("section 5: the scan's example") {
  std::vector<std::uint8_t> codes(48, 0);
  codes[0 * 12 + 1] = 1;  // PE 0 has one entry in column 1
  codes[0 * 12 + 8] = 1;
  const auto run =
      test::run_systemc_observed(small_case(4, 4, 12, codes, {0, 5, 0, 7, 0, 0, 0, 0, 3, 0, 0, 0}));
  CHECK(broadcast_cycles(run) == Cycles{1, 2, 4});
  REQUIRE(run.broadcasts.size() == 3);
  CHECK((run.broadcasts[0].column == eie::ColumnNumber(1)));
  CHECK((run.broadcasts[1].column == eie::ColumnNumber(3)));
  CHECK((run.broadcasts[2].column == eie::ColumnNumber(8)));
  CHECK(run.broadcasts[2].value == 3);
  CHECK(occupancies(run, 0, 7) == Entries{0, 0, 1, 1, 0, 1, 0});
  CHECK(run.result.control[ControlEvent::row_loads] == 3);
  CHECK(run.result.control[ControlEvent::scan_cycles] == 5);
  CHECK(run.result.control[ControlEvent::lnzd_node_evaluations] == 5);
  // Column 8 is broadcast in cycle 4, issued in cycle 6, written in cycle 11.
  CHECK(run.result.cycles == 12);
}

TEST_CASE("section 6: a broadcast into an idle PE with two entries") {
  const auto run = test::run_systemc_observed(one_pe(2, 1));
  CHECK(broadcast_cycles(run) == Cycles{1});
  // s = 1: e0 is issued in s+2 = 3, e1 in 4 and written in s+8 = 9.
  CHECK(run.result.cycles == 10);
  const eie::CycleClassCounts& classes = run.result.pes[0].cycles;
  CHECK(classes[CycleClass::starved] == 3);
  CHECK(classes[CycleClass::busy] == 2);
  CHECK(classes[CycleClass::drain] == 5);
}

TEST_CASE("section 6: back-to-back columns cost no bubble with prefetch and one cycle each without") {
  test::Case c = one_pe(3, 5);
  const eie::RunResult with = test::run_systemc(c);
  CHECK(with.pes[0].cycles[CycleClass::busy] == 15);
  CHECK(with.pes[0].cycles[CycleClass::pointer] == 0);
  CHECK(with.cycles == 3 + 15 + 5);
  c.parameters.pointer_prefetch = false;
  const eie::RunResult without = test::run_systemc(c);
  CHECK(without.pes[0].cycles[CycleClass::pointer] == 5);
  CHECK(without.cycles == with.cycles + 5);
  CHECK(without.outputs == with.outputs);
}

TEST_CASE("section 6: an empty column occupies pointer read for one cycle") {
  // Column 0 has two entries, column 1 none, column 2 one.
  const auto run = test::run_systemc(small_case(1, 2, 3, {1, 0, 1, 1, 0, 0}, {1, 1, 1}));
  CHECK(run.pes[0].cycles[CycleClass::busy] == 3);
  CHECK(run.pes[0].cycles[CycleClass::pointer] == 1);
  CHECK(run.cycles == 3 + 4 + 5);
  CHECK(run.pes[0].events[PeEvent::pointer_reads] == 3);
}

TEST_CASE("section 6: a queue of depth 1 refuses the broadcast until the cycle after the pop") {
  test::Case c = one_pe(4, 3);
  c.parameters.queue_depth_entries = 1;
  const auto run = test::run_systemc_observed(c);
  // 1: column 0; popped in 2, so column 1 goes in 3 and column 2 only after column 1 is popped in 6 (last
  // entry of 0).
  CHECK(broadcast_cycles(run) == Cycles{1, 3, 7});
  CHECK(run.result.control[ControlEvent::blocked_cycles] == 1 + 3);
  CHECK(occupancies(run, 0, 8) == Entries{0, 0, 1, 0, 1, 1, 1, 0});
  for (const auto& entries : run.occupancy) {
    CHECK(entries[0] <= 1);
  }
}

TEST_CASE("section 7: the bypass saves the cycle in which the next entry waits for its accumulator") {
  test::Case c = one_pe(1, 4);
  const eie::RunResult with = test::run_systemc(c);
  CHECK(with.pes[0].events[PeEvent::accumulator_bypasses] == 3);  // one PE, one row: each waits for the last
  c.parameters.arithmetic_bypass = false;
  const eie::RunResult waiting = test::run_systemc(c);
  CHECK(waiting.pes[0].cycles[CycleClass::hazard] == 3);
  CHECK(waiting.cycles == with.cycles + 3);
  CHECK(waiting.outputs == with.outputs);
  c = small_case(2, 2, 4, {1, 1, 1, 1, 1, 1, 1, 1}, {1, 2, 3, 4});
  c.parameters.queue_depth_entries = 8;
  const eie::RunResult bypassed = test::run_systemc(c);
  c.parameters.arithmetic_bypass = false;
  const eie::RunResult held = test::run_systemc(c);
  CHECK(bypassed.outputs == held.outputs);
  for (std::size_t pe = 0; pe < 2; ++pe) {
    CHECK(bypassed.pes[pe].cycles[CycleClass::hazard] == 0);
    CHECK(bypassed.pes[pe].events[PeEvent::accumulator_bypasses] == held.pes[pe].cycles[CycleClass::hazard]);
    CHECK(held.pes[pe].events[PeEvent::accumulator_bypasses] == 0);
    CHECK(held.pes[pe].cycles[CycleClass::hazard] > 0);
  }
  CHECK(held.cycles > bypassed.cycles);
}

TEST_CASE("section 8: loads and stores take their cycles and the phases follow without a gap") {
  // One PE, two registers: 4 inputs are two column batches, 3 outputs are row batches of 2 and 1.
  test::Case c = one_pe(3, 4);
  c.parameters.register_file_entries = 2;
  c.parameters.activation_sram_width_bits = 16;
  const eie::RunResult run = test::run_systemc(c);
  const eie::CycleClassCounts& classes = run.pes[0].cycles;
  CHECK(classes[CycleClass::batch_load] == 2 * 2 * 2);  // 2 row batches x 2 column batches x 2 entries
  CHECK(classes[CycleClass::batch_store] == 2 + 1);
  CHECK(classes[CycleClass::busy] == 12);
  CHECK(run.pes[0].events[PeEvent::activation_sram_reads] == 8);
  CHECK(run.pes[0].events[PeEvent::source_register_writes] == 8);
  CHECK(run.pes[0].events[PeEvent::destination_register_reads] == 3);
  CHECK(run.control[ControlEvent::broadcasts] == 8);
  c.parameters.activation_sram_width_bits = 32;
  const eie::RunResult wide = test::run_systemc(c);
  CHECK(wide.pes[0].cycles[CycleClass::batch_load] == 4);
  CHECK(wide.pes[0].cycles[CycleClass::batch_store] == 2);
  CHECK(wide.cycles == run.cycles - 5);
}

TEST_CASE("section 5: the LNZD latency is paid once per level and compute phase") {
  test::Case c = small_case(16, 16, 4, std::vector<std::uint8_t>(64, 1), {1, 1, 1, 1});
  const std::uint64_t without = test::run_systemc(c).cycles;
  c.parameters.lnzd_latency_cycles = 3;
  CHECK(test::run_systemc(c).cycles == without + 3 * 2);
}

TEST_CASE("section 8: the run ends with the last write although empty columns are still queued") {
  // One entry in column 0, then eight empty columns in the same source row, in a machine of 16 PEs.
  std::vector<std::uint8_t> codes(16 * 16, 0);
  codes[0] = 1;
  std::vector<std::int32_t> activations(16, 0);
  for (std::size_t j = 0; j < 12; ++j) {
    activations[j] = 1;
  }
  test::Case c = small_case(16, 16, 16, codes, activations);
  c.parameters.queue_depth_entries = 16;
  c.parameters.pointer_prefetch = true;
  const eie::RunResult run = test::run_systemc(c);
  // Twelve broadcasts in cycles 1 to 12, the search ends in 13, so C = 14 and the run counts C + 2.
  CHECK(run.cycles == 16);
  for (const eie::PeResult& pe : run.pes) {
    CHECK(pe.events[PeEvent::pointer_reads] == 12);
  }
}

TEST_CASE("an all-zero vector costs the scan alone") {
  const eie::RunResult run = test::run_systemc(
      small_case(4, 4, 12, std::vector<std::uint8_t>(48, 1), std::vector<std::int32_t>(12, 0)));
  // Row loads in 0, 1, 2; the last row is found empty in 3: C = 4.
  CHECK(run.cycles == 6);
  CHECK(run.control[ControlEvent::broadcasts] == 0);
  CHECK(run.outputs == std::vector<std::int32_t>(4, 0));
}

}  // namespace
}  // namespace lacuna

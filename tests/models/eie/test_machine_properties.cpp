#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>

#include "models/eie/cycle_bound.h"
#include "tests/models/eie/dense_reference.h"
#include "tests/models/eie/machine_runs.h"

namespace lacuna {
namespace {

using eie::ControlEvent;
using eie::CycleClass;
using eie::PeEvent;

std::uint64_t total(const eie::RunResult& result, PeEvent event) {
  std::uint64_t sum = 0;
  for (const eie::PeResult& pe : result.pes) {
    sum += pe.events[event];
  }
  return sum;
}

/// What holds in each PE.
void check_pes(const eie::RunResult& result) {
  const std::uint64_t broadcasts = result.control[ControlEvent::broadcasts];
  for (const eie::PeResult& pe : result.pes) {
    const auto& classes = pe.cycles.values;
    CHECK(std::accumulate(classes.begin(), classes.end(), std::uint64_t{0}) == result.cycles);
    CHECK(pe.cycles[CycleClass::busy] ==
          pe.events[PeEvent::spmat_row_reads] + pe.events[PeEvent::spmat_row_reuses]);
    CHECK(pe.events[PeEvent::queue_pushes] == broadcasts);
    CHECK(pe.events[PeEvent::queue_pops] == broadcasts);
    CHECK(pe.events[PeEvent::pointer_reads] == broadcasts);
    const std::uint64_t real_entries = pe.events[PeEvent::codebook_reads];
    CHECK(pe.events[PeEvent::multiplies] == real_entries);
    CHECK(pe.events[PeEvent::accumulator_writes] == real_entries);
    CHECK(pe.events[PeEvent::accumulator_reads] + pe.events[PeEvent::accumulator_bypasses] == real_entries);
  }
}

/// What holds in all of them together, from the matrix and the vector alone.
void check_totals(const test::Case& c, const eie::RunResult& result) {
  const test::ActiveEntries active = test::active_entries(c);
  CHECK(total(result, PeEvent::spmat_row_reads) + total(result, PeEvent::spmat_row_reuses) == active.stored);
  CHECK(total(result, PeEvent::codebook_reads) == active.nonzeros);
  CHECK(total(result, PeEvent::padding_entries) == active.stored - active.nonzeros);
  CHECK(total(result, PeEvent::relu_operations) == (c.layer.relu ? c.layer.outputs() : 0));
}

/// Exact without the stalls that it leaves out.
void check_bound(const test::Case& c, const eie::RunResult& result) {
  const std::uint64_t bound = eie::CycleBound(c.parameters, c.layer).cycles(c.activations);
  CHECK(bound <= result.cycles);
  const bool no_hazard = std::all_of(result.pes.begin(), result.pes.end(), [](const eie::PeResult& pe) {
    return pe.cycles[CycleClass::hazard] == 0;
  });
  if (no_hazard && result.control[ControlEvent::blocked_cycles] == 0) {
    CHECK(bound == result.cycles);
  }
}

TEST_CASE(
    "outputs equal the dense integer reference and all identities hold, for random machines and layers") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const test::Case c = test::random_case(seed);
    INFO("seed " << seed << " " << test::describe(c));
    const eie::RunResult result = test::run_systemc(c);
    CHECK(result.outputs == test::dense_reference(c.parameters, c.layer, c.activations));
    check_pes(result);
    check_totals(c, result);
    check_bound(c, result);
  }
}

TEST_CASE("a run does not depend on the runs before it on the same machine") {
  // Queue, register files, row read last and cause registers must all start fresh.
  const test::Case c = test::random_case(7);
  const eie::RunResult alone = test::run_systemc(c);
  const eie::RunResult again = test::run_systemc_after(c, 2);
  CHECK(again.cycles == alone.cycles);
  CHECK(again.outputs == alone.outputs);
  CHECK(again.control == alone.control);
  for (std::size_t pe = 0; pe < alone.pes.size(); ++pe) {
    CHECK(again.pes[pe].cycles == alone.pes[pe].cycles);
    CHECK(again.pes[pe].events == alone.pes[pe].events);
  }
}

TEST_CASE(
    "without a full queue every machine depth gives the same cycles, and depth 1 is never faster than depth "
    "2") {
  for (std::uint64_t seed = 500; seed < 540; ++seed) {
    test::Case c = test::random_case(seed);
    INFO("seed " << seed << " " << test::describe(c));
    std::uint64_t previous = 0;
    for (const std::uint32_t depth : {1024U, 64U, 8U, 2U, 1U}) {
      c.parameters.queue_depth_entries = depth;
      const eie::RunResult result = test::run_systemc(c);
      CHECK(result.cycles >= previous);
      if (depth > 1 && result.control[ControlEvent::blocked_cycles] == 0 && previous != 0) {
        CHECK(result.cycles == previous);
      }
      previous = result.cycles;
    }
  }
}

}  // namespace
}  // namespace lacuna

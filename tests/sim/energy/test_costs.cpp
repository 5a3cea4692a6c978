#include <catch2/catch.hpp>

#include "tests/sim/energy/tables.h"

using namespace lacuna;

namespace {

/// Costs in which all is 0, for a machine of four PEs at 200 MHz.
Costs no_costs() {
  Costs costs;
  costs.event_pj.resize(EieCosts::costed().events.size());
  costs.modules.resize(module_count);
  costs.instances = {4, 4, 4, 4, 4, 1, 1};
  costs.clock_mhz = 200.0;
  return costs;
}

std::size_t index(eie::PeEvent event) {
  return static_cast<std::size_t>(event);
}

}  // namespace

TEST_CASE("the quadtree has the published number of nodes") {
  CHECK(lnzd_nodes(64) == 21);
  CHECK(lnzd_nodes(1) == 0);
  CHECK(lnzd_nodes(2) == 1);
  CHECK(lnzd_nodes(5) == 3);
}

TEST_CASE("energy is counts times table, plus clock and leakage of every instance, each kind apart") {
  Costs costs = no_costs();
  costs.event_pj[index(eie::PeEvent::multiplies)] = 2.0;
  costs.event_pj[index(eie::PeEvent::padding_entries)] = 0.5;
  costs.event_pj[index(eie::PeEvent::spmat_row_reuses)] = 0.25;
  costs.event_pj.back() = 0.125;  // evaluations of LNZD nodes
  costs.modules[0].clock_pj = 0.25;
  costs.modules[5].leakage_mw = 3.0;
  Activity activity;
  activity.pe_events[eie::PeEvent::multiplies] = 10;
  activity.pe_events[eie::PeEvent::padding_entries] = 6;
  activity.pe_events[eie::PeEvent::spmat_row_reuses] = 8;
  activity.control_events[eie::ControlEvent::lnzd_node_evaluations] = 4;
  activity.cycles = 100;
  const EnergyReport energy = energy_of(costs, activity);
  CHECK(energy.modules[0].clock_pj == 4 * 100 * 0.25);
  CHECK(energy.modules[3].random_pj == 20.0);
  CHECK(energy.modules[3].gated_pj == 3.0);
  CHECK(energy.modules[2].skipped_pj == 2.0);
  CHECK(energy.modules[5].random_pj == 0.5);
  CHECK(energy.modules[5].leakage_pj == Approx(1500.0));  // 0.5 us x 3 mW = 1.5 nJ
  CHECK(energy.modules[1].total_pj() == 0.0);
  CHECK(energy.event_pj[index(eie::PeEvent::multiplies)] == 20.0);
  CHECK(energy.total_pj() == Approx(100.0 + 20.0 + 3.0 + 2.0 + 0.5 + 1500.0));
}

TEST_CASE("the energies of PEs, of LNZD and of the control make up the whole") {
  Costs costs = no_costs();
  for (std::size_t i = 0; i < costs.event_pj.size(); ++i) {
    costs.event_pj[i] = 0.25 * static_cast<double>(i + 1);
  }
  for (std::size_t i = 0; i < module_count; ++i) {
    costs.modules[i].clock_pj = 0.5 * static_cast<double>(i + 1);
    costs.modules[i].leakage_mw = static_cast<double>(i);
  }
  Activity activity;
  activity.cycles = 40;
  double pes_pj = 0.0;
  for (std::uint64_t pe = 0; pe < 4; ++pe) {
    eie::PeEventCounts events;
    for (std::size_t event = 0; event < eie::pe_event_count; ++event) {
      events.values[event] = pe * event + 3;
    }
    activity.pe_events += events;
    pes_pj += pe_energy_pj(costs, events, activity.cycles);
  }
  const EnergyReport energy = energy_of(costs, activity);
  CHECK(pes_pj + energy.modules[5].total_pj() + energy.modules[6].total_pj() == Approx(energy.total_pj()));
}

TEST_CASE("area is that of all instances") {
  Costs costs = no_costs();
  costs.modules[2].area_um2 = 1000.0;
  costs.modules[6].area_um2 = 500.0;
  CHECK(area_of(costs).mm2.value() == Approx(4500e-6));
  costs.area_unknown_because = "nobody knows";
  CHECK_FALSE(area_of(costs).mm2.has_value());
  CHECK(area_of(costs).reason == "nobody knows");
}

TEST_CASE("memories slower than the clock are named") {
  Costs costs = no_costs();
  costs.memories = {{"fast", 1, 1024, 16, 1, 1, 9.0, 4.9},
                    {"slow", 1, 2048, 32, 1, 1, 9.0, 5.1},
                    {"other", 0, 2048, 32, 1, 1, 9.0, 5.1}};
  REQUIRE(slow_memories(costs).size() == 1);
  CHECK(slow_memories(costs).front() ==
        "memory slow (2048 bytes x 32 bits) takes 5.10 ns per access, a clock cycle is 5.00 ns");
}

TEST_CASE("every event of the machine belongs to a module, and padding, bypass and reuse are told apart") {
  const CostedMachine& machine = EieCosts::costed();
  CHECK(machine.events.size() == eie::pe_event_count + eie::control_event_count);
  CHECK(machine.modules.size() == module_count);
  CHECK(machine.events[index(eie::PeEvent::padding_entries)].kind == AccessKind::gated);
  CHECK(machine.events[index(eie::PeEvent::accumulator_bypasses)].kind == AccessKind::gated);
  CHECK(machine.events[index(eie::PeEvent::spmat_row_reuses)].kind == AccessKind::skipped);
  CHECK(machine.events[index(eie::PeEvent::pointer_reads)].module == 1);
  for (std::size_t event = 0; event < eie::pe_event_count; ++event) {
    CHECK(machine.events[event].module < pe_module_count);
  }
}

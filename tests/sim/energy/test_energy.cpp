#include <string>

#include <catch2/catch.hpp>

#include "sim/config/load_config.h"
#include "sim/energy/energy.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

const std::string published = std::string(LACUNA_SOURCE_DIR) + "/configs/energy/eie-published-45nm.yaml";
const std::string machine = std::string(LACUNA_SOURCE_DIR) + "/configs/architectures/eie-64pe-45nm.yaml";

/// The shipped table with one piece of text replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = test::read_whole(published);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string message(const test::TemporaryFolder& folder, const std::string& table) {
  try {
    load_energy_table(folder.write("table.yaml", table));
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("the quadtree has the published number of nodes") {
  CHECK(lnzd_nodes(64) == 21);
  CHECK(lnzd_nodes(1) == 0);
  CHECK(lnzd_nodes(2) == 1);
  CHECK(lnzd_nodes(5) == 3);
  CHECK(module_instances(0, 64) == 64);
  CHECK(module_instances(module_count - 1, 64) == 21);
}

TEST_CASE("energy is counts times table, plus clock and leakage of every instance") {
  EnergyTable table;
  for (EventEnergy& event : table.events.values) {
    event.module = "PtrRead";
  }
  EventEnergy& multiplies = table.events.values[static_cast<std::size_t>(eie::PeEvent::multiplies)];
  multiplies = {"ArithmUnit", 2.0, "test"};
  const std::size_t nodes =
      eie::pe_event_count + static_cast<std::size_t>(eie::ControlEvent::lnzd_node_evaluations);
  table.events.values[nodes] = {"LNZD", 0.5, "test"};
  table.modules.values[0] = {0.25, 0.0};  // Act_queue: clock
  table.modules.values[5] = {0.0, 3.0};   // LNZD: leakage
  Activity activity;
  activity.pe_events[eie::PeEvent::multiplies] = 10;
  activity.control_events[eie::ControlEvent::lnzd_node_evaluations] = 6;
  activity.cycles = 100;
  eie::Parameters parameters;
  parameters.pe_count = 4;
  parameters.clock_mhz = 200.0;
  const EnergyByModule energy = energy_of(table, activity, parameters);
  CHECK(energy.values_pj[0] == Approx(4 * 100 * 0.25));
  CHECK(energy.values_pj[1] == 0.0);
  CHECK(energy.values_pj[3] == Approx(20.0));
  CHECK(energy.values_pj[5] == Approx(3.0 + 1 * 0.5 * 3.0 * 1000.0));  // 0.5 us x 3 mW = 1.5 nJ
  CHECK(energy.total_pj() == Approx(100.0 + 20.0 + 1503.0));
}

TEST_CASE("a table must know every event and no other") {
  const test::TemporaryFolder folder;
  CHECK(message(folder, changed("  multiplies:", "  multiplys:"))
            .find("events.multiplys: unknown key; did you mean "
                  "'multiplies'?") != std::string::npos);
  CHECK(message(folder, changed("  multiplies:\n    module: ArithmUnit\n", "  multiplies:\n"))
            .find("events.multiplies.module: is missing") != std::string::npos);
  std::string without = test::read_whole(published);
  const std::size_t begin = without.find("  broadcasts:");
  without.erase(begin, without.find("  blocked_cycles:") - begin);
  CHECK(message(folder, without).find("events.broadcasts: is missing") != std::string::npos);
  CHECK(message(folder, changed("module: PtrRead", "module: PtrReed")).find("did you mean 'PtrRead'?") !=
        std::string::npos);
  CHECK(message(folder, changed("schema: lacuna.energy/1", "schema: lacuna.energy/2"))
            .find("schema: 'lacuna.energy/2' is not a known name") != std::string::npos);
  CHECK(message(folder, changed("  ActRW: {clock_pj: 0, leakage_mw: 0}\n", ""))
            .find("modules.ActRW: is missing") != std::string::npos);
  CHECK(message(folder, changed("energy_pj: ", "energy_pj: -")).find("out of range") != std::string::npos);
}

TEST_CASE("areas are those of the published machine or none") {
  const LoadedEnergyTable table = load_energy_table(published);
  eie::Parameters parameters = load_architecture(machine).parameters;
  CHECK(area_of(table, parameters).mm2.value() == Approx(40.8).margin(0.05));  // published: 40.8 mm2
  CHECK(area_of(table, parameters).reason.empty());
  parameters.pe_count = 1;
  CHECK(area_of(table, parameters).mm2.value() == Approx(0.638024));
  parameters.queue_depth_entries = 4;
  CHECK_FALSE(area_of(table, parameters).mm2.has_value());
  CHECK(area_of(table, parameters).reason == "queue_depth_entries is 4, the known areas are for 8");
  LoadedEnergyTable without = table;
  without.table.area.reset();
  CHECK(area_of(without, parameters).reason == "the energy table has no areas");
}

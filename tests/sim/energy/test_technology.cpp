#include <string>

#include <catch2/catch.hpp>

#include "tests/sim/energy/tables.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using namespace lacuna::test;

namespace {

/// The bottom-up table with one piece of text replaced; paths point to the shipped files.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = read_whole(shipped_table("bottom-up-45nm"));
  for (const std::string& folder : {std::string("file: sram/"), std::string("file: ../")}) {
    for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos; at += folder.size()) {
      text.insert(at + 6, energy_folder + "/");
    }
  }
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string message(const std::string& from, const std::string& to) {
  const TemporaryFolder folder;
  return refusal([&] { load_eie_technology(folder.write("table.yaml", changed(from, to))); });
}

bool refused(const std::string& from, const std::string& to, const std::string& part) {
  const std::string text = message(from, to);
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find("table.yaml:") != std::string::npos;
}

Costs costs_of(const std::string& table, const eie::Parameters& machine = {}) {
  return eie_costs(load_eie_technology(shipped_table(table)), machine);
}

}  // namespace

TEST_CASE("a table must have every event and module and no other") {
  CHECK(
      refused("  multiplies:", "  multiplys:", "events.multiplys: unknown key; did you mean 'multiplies'?"));
  CHECK(refused("  broadcasts:\n    energy_pj:", "  broadcasts:\n    energy:", "events.broadcasts"));
  CHECK(refused("  ArithmUnit:\n", "  ArithmeticUnit:\n", "modules.ArithmeticUnit: unknown key"));
  CHECK(refused("    source: a gate for each bit\n", "", "events.relu_operations.source: is missing"));
  CHECK(refused("schema: lacuna.energy/2", "schema: lacuna.energy/1", "is not a known name"));
  CHECK(refused("machine: eie", "machine: eei", "did you mean 'eie'?"));
}

TEST_CASE("names in a table must be known and stand once") {
  CHECK(refused("sram: cacti\n    count: 1", "sram: cact\n    count: 1", "no sram is named 'cact'"));
  CHECK(refused("module: SpmatRead\n    sram", "module: SpmatReed\n    sram", "did you mean 'SpmatRead'?"));
  CHECK(refused("energy_pj: spmat.read_pj", "energy_pj: spmat.reed_pj", "'spmat.reed_pj' is no known name"));
  CHECK(refused("- name: supply_v", "- name: clock_mhz", "the name 'clock_mhz' is taken"));
  CHECK(refused("\noperations:\n",
                "\n  - {name: cacti, file: " + energy_folder +
                    "/sram/sram_cacti_45nm.csv, cell_type: itrs-hp, source: x}\noperations:\n",
                "sram.1.name: the name is taken; each name once"));
  CHECK(refused("cell_type: itrs-lstp+lop", "cell_type: itrs-x", "allowed: itrs-hp"));
  CHECK(refused("operation: integer multiply", "operation: division", "'division' is not in the file"));
  CHECK(refused("value: 45\n", "value: node_nm\n", "'node_nm' is no known name"));
}

TEST_CASE("an energy below zero is refused when it comes out") {
  const TemporaryFolder folder;
  const Technology table =
      load_eie_technology(folder.write("t.yaml", changed("energy_pj: 0\n    source: part of the adder",
                                                         "energy_pj: 1 - pe_count\n    source: x")));
  CHECK(refusal([&] {
          eie_costs(table, {});
        }).find("events.accumulator_saturations.energy_pj: '1 - pe_count' is -63") != std::string::npos);
}

TEST_CASE("memories follow the machine's parameters") {
  eie::Parameters machine;
  const double published = event_pj(costs_of("bottom-up-45nm"), eie::PeEvent::spmat_row_reads);
  machine.spmat_capacity_bytes *= 2;
  const double larger = event_pj(costs_of("bottom-up-45nm", machine), eie::PeEvent::spmat_row_reads);
  CHECK(larger > published);
  machine.spmat_width_bits = 128;
  CHECK(event_pj(costs_of("bottom-up-45nm", machine), eie::PeEvent::spmat_row_reads) > larger);
  machine = {};
  machine.activation_sram_bytes = 1024;
  CHECK(event_pj(costs_of("bottom-up-45nm", machine), eie::PeEvent::activation_sram_reads) <
        event_pj(costs_of("bottom-up-45nm"), eie::PeEvent::activation_sram_reads));
  machine.activation_sram_width_bits = 1024;
  CHECK(refusal([&] { costs_of("bottom-up-45nm", machine); }).find("lies outside the characterisation") !=
        std::string::npos);
}

TEST_CASE("registers without a size have neither energy nor area") {
  eie::Parameters machine;
  machine.register_file_entries = 0;
  CHECK(refusal([&] { costs_of("bottom-up-45nm", machine); }).find("register_file_entries is 0") !=
        std::string::npos);
  const Area area = area_of(costs_of("eie-published-45nm", machine));
  CHECK_FALSE(area.mm2.has_value());
  CHECK(area.reason == "register_file_entries is 0: registers that hold whole vectors have no size");
}

TEST_CASE("a table without areas says so") {
  const TemporaryFolder folder;
  const Technology table =
      load_eie_technology(folder.write("t.yaml", changed("    area_um2: pointer_area\n", "")));
  CHECK_FALSE(table.has_areas());
  CHECK(area_of(eie_costs(table, {})).reason == "the energy table has no area_um2 for PtrRead");
}

TEST_CASE("assignments change a table, and what they set is checked") {
  const std::string path = shipped_table("bottom-up-45nm");
  const Costs other = eie_costs(load_eie_technology(path, {"sram.0.cell_type=itrs-lop"}), {});
  CHECK(event_pj(other, eie::PeEvent::spmat_row_reads) !=
        event_pj(costs_of("bottom-up-45nm"), eie::PeEvent::spmat_row_reads));
  CHECK(refusal([&] { load_eie_technology(path, {"sram.0.cell_type=x"}); }).find("sram.0.cell_type") !=
        std::string::npos);
}

TEST_CASE("a table may start from another") {
  const TemporaryFolder folder;
  const std::string head =
      "schema: lacuna.energy/2\nname: mine\nmachine: eie\nbase: " + shipped_table("bottom-up-45nm") + "\n";
  const Technology table = load_eie_technology(
      folder.write("t.yaml", head + "sram: [{name: cacti, cell_type: itrs-lop}]\n"
                                    "events: {multiplies: {energy_pj: 7, source: measured}}\n"));
  CHECK(table.name() == "mine");
  const Costs costs = eie_costs(table, {});
  CHECK(event_pj(costs, eie::PeEvent::multiplies) == 7.0);
  CHECK(costs.memories.front().read_pj == 15.545);
  CHECK(table.files().front() == shipped_table("bottom-up-45nm"));
  // Whoever puts a figure in the place of the base's says where it comes from.
  for (const std::string& entry : {std::string("events:\n  multiplies: {energy_pj: 123}\n"),
                                   std::string("modules:\n  LNZD: {leakage_mw: 1}\n"),
                                   std::string("sram:\n  - {name: cacti, file: x.csv}\n")}) {
    INFO(entry);
    const std::string message = refusal([&] { load_eie_technology(folder.write("v.yaml", head + entry)); });
    CHECK_THAT(message, Catch::Contains("v.yaml:6: ") && Catch::Contains(".source: is missing"));
  }
  CHECK_NOTHROW(
      load_eie_technology(folder.write("v.yaml", head + "events: {multiplies: {source: measured anew}}\n")));
  CHECK(refusal([&] {
          load_eie_technology(folder.write("u.yaml", head + "evnts: {}\n"));
        }).find("did you mean 'events'?") != std::string::npos);
  folder.write("loop.yaml", "schema: lacuna.energy/2\nname: x\nmachine: eie\nbase: loop.yaml\n");
  CHECK(refusal([&] { load_eie_technology(folder.file("loop.yaml")); }).find("in a circle") !=
        std::string::npos);
  folder.write("lost.yaml", "schema: lacuna.energy/2\nname: x\nmachine: eie\nbase: none.yaml\n");
  CHECK(refusal([&] { load_eie_technology(folder.file("lost.yaml")); }).find("no such file 'none.yaml'") !=
        std::string::npos);
}

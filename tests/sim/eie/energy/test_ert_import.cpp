#include <string>

#include <catch2/catch.hpp>

#include "sim/eie/energy/ert_import.h"
#include "tests/sim/energy/tables.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using namespace lacuna::test;

namespace {

const std::string example = energy_folder + "/accelergy/";

std::string changed(const std::string& file, const std::string& from, const std::string& to) {
  std::string text = read_whole(example + file);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What the import says when the reference table, or the map, is changed.
std::string ert_refusal(const std::string& from, const std::string& to) {
  const TemporaryFolder folder;
  const std::string path = folder.write("ERT.yaml", changed("ERT.yaml", from, to));
  return refusal([&] { import_accelergy_ert(path, example + "map.yaml"); });
}

std::string map_refusal(const std::string& from, const std::string& to) {
  const TemporaryFolder folder;
  const std::string path = folder.write("map.yaml", changed("map.yaml", from, to));
  return refusal([&] { import_accelergy_ert(example + "ERT.yaml", path); });
}

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an imported reference table gives the energies of its actions") {
  const TemporaryFolder folder;
  const std::string text = import_accelergy_ert(example + "ERT.yaml", example + "map.yaml");
  const Technology table = load_eie_technology(folder.write("t.yaml", text));
  CHECK(table.name() == "accelergy-example");
  const Costs costs = eie_costs(table, {});
  CHECK(event_pj(costs, eie::PeEvent::pointer_reads) == 10.0);
  CHECK(event_pj(costs, eie::PeEvent::spmat_row_reads) == 16.0);
  CHECK(event_pj(costs, eie::PeEvent::multiplies) == 1.4);
  CHECK(event_pj(costs, eie::PeEvent::padding_entries) == 0.1);
  CHECK(event_pj(costs, eie::PeEvent::spmat_row_reuses) == 0.0);
  CHECK(costs.modules[1].clock_pj == Approx(1.2));
  CHECK(costs.modules[4].clock_pj == Approx(0.9));
  CHECK_FALSE(area_of(costs).mm2.has_value());
}

TEST_CASE("actions that are missing, unknown or not mapped are named") {
  holds(
      ert_refusal("{name: read, arguments: {}, energy: 16.0}", "{name: write, arguments: {}, energy: 16.0}"),
      "events.spmat_row_reads: ERT.yaml has no 'eie.pe.spmat.read'");
  holds(map_refusal("component: eie.pe.spmat, action: read", "component: eie.pe.spmat, action: reed"),
        "did you mean 'eie.pe.spmat.read'?");
  holds(map_refusal("ignored:\n  - component: eie.host_link\n", ""),
        "eie.host_link[1..1].read is not in the map");
  holds(map_refusal("eie.host_link", "eie.host_lnk"), "ERT.yaml has no 'eie.host_lnk'");
  holds(map_refusal("  blocked_cycles: {free: true}\n", ""), "events.blocked_cycles: is missing");
  holds(map_refusal("  blocked_cycles: {free: true}", "  blocked_cycles: {}"), "a key is missing");
  holds(map_refusal("  LNZD: {free: true}\n", ""), "modules.LNZD: is missing");
  holds(map_refusal(", arguments: 'operands: random'", ""),
        "eie.pe[1..64].mac[1..1].compute(operands: random) and");
  holds(map_refusal("operands: random", "operands: randm"), "has no 'eie.pe.mac.compute(operands: randm)'");
}

TEST_CASE("what is no reference table is refused") {
  holds(ert_refusal("version: '0.4'", "version: '0.2'"), "version '0.2'; 0.3 or 0.4");
  holds(ert_refusal("ERT:\n", "ART:\n"), "ERT: is missing");
  holds(ert_refusal("energy: 16.0", "energy: -16.0"), "out of range");
  holds(ert_refusal("energy: 16.0", "energy: sixteen"), "is not a number");
  holds(ert_refusal(", energy: 16.0", ""), "energy: is missing");
  holds(ert_refusal("operands: zero", "operands: random"), "stands there twice");
  holds(ert_refusal("arguments: {operands: zero}", "arguments: [zero]"), "a mapping is needed here");
}

TEST_CASE("instances of components are left out of their names") {
  CHECK(without_instances("system.pe[0..63].mac[1..168]") == "system.pe.mac");
  CHECK(without_instances("plain") == "plain");
  CHECK(without_instances("a[1..2") == "a");
}

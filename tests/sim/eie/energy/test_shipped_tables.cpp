#include <algorithm>

#include <catch2/catch.hpp>

#include "sim/files/csv_table.h"
#include "tests/sim/energy/tables.h"

using namespace lacuna;
using namespace lacuna::test;

namespace {

Costs costs_of(const std::string& table, const eie::Parameters& machine = {},
               const std::vector<std::string>& assignments = {}) {
  return eie_costs(load_eie_technology(shipped_table(table), assignments), machine);
}

}  // namespace

TEST_CASE("every shipped table resolves for the published machine and has areas") {
  for (const char* name :
       {"eie-published-45nm", "bottom-up-45nm", "bottom-up-32nm", "bottom-up-28nm", "bottom-up-22nm"}) {
    INFO(name);
    const Costs costs = costs_of(name);
    CHECK(load_eie_technology(shipped_table(name)).name() == name);
    CHECK(area_of(costs).mm2.value() > 1.0);
    CHECK(event_pj(costs, eie::PeEvent::spmat_row_reads) > event_pj(costs, eie::PeEvent::multiplies));
  }
}

TEST_CASE("smaller nodes cost less area and less energy") {
  double area = 1e9;
  double multiply = 1e9;
  for (const char* name : {"bottom-up-45nm", "bottom-up-32nm", "bottom-up-28nm", "bottom-up-22nm"}) {
    INFO(name);
    const Costs costs = costs_of(name);
    CHECK(area_of(costs).mm2.value() < area);
    CHECK(event_pj(costs, eie::PeEvent::multiplies) < multiply);
    area = area_of(costs).mm2.value();
    multiply = event_pj(costs, eie::PeEvent::multiplies);
  }
}

TEST_CASE("the published table gives the published areas, and others for other machines") {
  const std::string folder = std::string(LACUNA_SOURCE_DIR) + "/configs/reference/";
  const double published = CsvTable(folder + "eie_platform_comparison.csv").number(4, "area_mm2");
  eie::Parameters machine;
  CHECK(area_of(costs_of("eie-published-45nm")).mm2.value() == Approx(published).margin(0.05));
  machine.pe_count = 1;
  CHECK(area_of(costs_of("eie-published-45nm", machine)).mm2.value() == Approx(0.638024));
  machine.queue_depth_entries = 16;
  CHECK(area_of(costs_of("eie-published-45nm", machine)).mm2.value() ==
        Approx(0.638024 + 758e-6 * 638024 / 614063));
  machine.spmat_capacity_bytes /= 2;
  CHECK(area_of(costs_of("eie-published-45nm", machine)).mm2.value() < 0.45);
}

TEST_CASE("every parameter that takes room has area in the bottom-up table") {
  const double published = area_of(costs_of("bottom-up-45nm")).mm2.value();
  const auto grows = [&](auto change) {
    eie::Parameters machine;
    change(machine);
    return area_of(costs_of("bottom-up-45nm", machine)).mm2.value() > published;
  };
  CHECK(grows([](auto& m) { m.pe_count = 65; }));
  CHECK(grows([](auto& m) { m.queue_depth_entries = 9; }));
  CHECK(grows([](auto& m) { m.spmat_capacity_bytes = 140000; }));
  CHECK(grows([](auto& m) { m.pointer_capacity_bytes = 40000; }));
  CHECK(grows([](auto& m) { m.activation_sram_bytes = 3000; }));
  CHECK(grows([](auto& m) { m.codebook_index_bits = 5; }));
  CHECK(grows([](auto& m) { m.relative_index_bits = 5; }));
  CHECK(grows([](auto& m) { m.weight_value_width_bits = 17; }));
  CHECK(grows([](auto& m) { m.activation_width_bits = 17; }));
  CHECK(grows([](auto& m) { m.accumulator_width_bits = 17; }));
  CHECK(grows([](auto& m) { m.register_file_entries = 65; }));
}

TEST_CASE("the bottom-up table counts the flip-flops that synthesis of the RTL gives") {
  const Technology table = load_eie_technology(shipped_table("bottom-up-45nm"));
  const Costs costs = eie_costs(table, {});
  const std::vector<std::string> names = table.value_names();
  const auto value = [&](const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    REQUIRE(found != names.end());
    return costs.values[static_cast<std::size_t>(found - names.begin())];
  };
  // docs/rtl.md, "Synthesis of one PE"
  CHECK(8 * value("queue_bits") + value("queue_control_flops") == 255);
  CHECK(value("pointer_flops") == 67);
  CHECK(64 + value("spmat_flops") == 112);
  CHECK(16 * value("codebook_words") + value("arithmetic_flops") == 402);
  CHECK(value("register_bits") + 64 == 2112);
  CHECK(value("control_flops") == 1151 + 334);
}

TEST_CASE("the cell type is the least leaking one that cycles at the published clock") {
  const CsvTable table(energy_folder + "/sram/sram_cacti_45nm.csv");
  std::string best;
  double least = 1e9;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const bool spmat = table.number(row, "capacity_bytes") == 131072 && table.number(row, "width_bits") == 64;
    if (spmat && table.number(row, "cycle_ns") <= 1.25 && table.number(row, "leakage_mW") < least) {
      least = table.number(row, "leakage_mW");
      best = table.text(row, "cell_type");
    }
  }
  CHECK(best == "itrs-lstp+lop");
  CHECK(slow_memories(costs_of("bottom-up-45nm")).empty());
  CHECK(slow_memories(costs_of("bottom-up-45nm", {}, {"sram.0.cell_type=itrs-lstp"})).size() == 1);
}

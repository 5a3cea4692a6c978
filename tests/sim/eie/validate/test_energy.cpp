#include <catch2/catch.hpp>

#include "sim/eie/config/load_config.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/validate/benchmark_runs.h"
#include "sim/eie/validate/validate_eie_energy.h"
#include "sim/eie/validate/validate_eie_factors.h"

using namespace lacuna;

namespace {

EnergyValidationOptions options_for(const std::string& table) {
  const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs";
  EnergyValidationOptions options;
  options.validation.architecture_folder = configs + "/architectures";
  options.validation.reference_folder = configs + "/reference";
  options.energy_folder = configs + "/energy";
  options.table = configs + "/energy/" + table + ".yaml";
  return options;
}

const EnergyFigure& figure(const std::vector<EnergyFigure>& figures, const std::string& what) {
  for (const EnergyFigure& each : figures) {
    if (each.what == what) {
      return each;
    }
  }
  FAIL("no figure " << what);
  return figures.front();
}

}  // namespace

TEST_CASE("the bottom-up table comes near the published power and area without being fitted") {
  const EnergyValidation validation = validate_eie_energy(options_for("bottom-up-45nm"));
  CHECK(validation.passed());
  CHECK(figure(validation.pe, "one PE, power").published == 9.157);
  CHECK(figure(validation.machine, "EIE 64 PE: power").published == 590.0);
  CHECK(figure(validation.machine, "EIE 64 PE: area").difference() == Approx(0.05).margin(0.02));
  CHECK(figure(validation.projected, "EIE 256 PE: area").published == 63.8);
  CHECK(figure(validation.shares, "memory, share of a PE's area").ours > 90.0);
  double modules_mw = 0.0;
  for (const char* name : {"Act_queue", "PtrRead", "SpmatRead", "ArithmUnit", "ActRW"}) {
    modules_mw += figure(validation.pe, std::string(name) + ", power").ours;
  }
  CHECK(modules_mw == Approx(figure(validation.pe, "one PE, power").ours));
  REQUIRE(validation.cell_types.size() == 10);
  CHECK(validation.cell_types[3].pe_mw == Approx(figure(validation.pe, "one PE, power").ours));
  CHECK(validation.cell_types[0].pe_mw > 100.0);  // high performance cells leak
  CHECK_FALSE(validation.cell_types[2].notes.empty());
  const std::string text = validation_text(validation);
  CHECK(text.find("| PtrRead, power | mW | 1.807 |") != std::string::npos);
  CHECK(text.find("over 25 %") != std::string::npos);
}

TEST_CASE("the published table gives back the power that it was fitted to") {
  const EnergyValidationOptions options = options_for("eie-published-45nm");
  const auto machine = load_architecture(options.validation.architecture_folder + "/eie-64pe-45nm.yaml");
  const Activity sum = sum_of(run_benchmarks(options.validation, machine.parameters));
  const Costs costs = eie_costs(load_eie_technology(options.table), machine.parameters);
  const double time_ns = static_cast<double>(sum.cycles) / machine.parameters.clock_mhz * 1000.0;
  CHECK(energy_of(costs, sum).total_pj() / time_ns == Approx(64 * 9.157 + 21 * 0.023).epsilon(0.001));
}

TEST_CASE("each of EIE's measures saves weight energy, as much as the simulation says") {
  const FactorValidation validation = validate_eie_factors(options_for("bottom-up-45nm"));
  CHECK(validation.passed());
  REQUIRE(validation.steps.size() == 4);
  CHECK(validation.steps[0].published == 120.0);
  REQUIRE(validation.layers.size() == 9);
  const FactorLayer& alex_7 = validation.layers[1];
  const double weights = 4096.0 * 4096.0;
  CHECK(alex_7.stages[0].weight_pj == Approx(weights * 640.0));
  CHECK(alex_7.stages[1].weight_pj == Approx(weights / 2 * 15.872));
  CHECK(alex_7.stages[1].cycles == alex_7.stages[0].cycles);
  CHECK(alex_7.stages[1].cycles == Approx(weights / 64).epsilon(0.01));
  CHECK(alex_7.stages[2].weight_pj / alex_7.stages[3].weight_pj == Approx(8.0).epsilon(0.01));
  CHECK(alex_7.stages[2].cycles == alex_7.stages[3].cycles);
  // The last stage is the published machine itself.
  const EnergyValidationOptions options = options_for("bottom-up-45nm");
  const auto machine = load_architecture(options.validation.architecture_folder + "/eie-64pe-45nm.yaml");
  const auto layers = run_benchmarks(options.validation, machine.parameters);
  const Costs costs = eie_costs(load_eie_technology(options.table), machine.parameters);
  CHECK(alex_7.stages[4].machine_pj == energy_of(costs, activity_of(layers, "Alex-7")).total_pj());
  const FactorLayer& all_active = validation.layers[6];  // NT-We: every activation is nonzero
  CHECK(all_active.stages[3].weight_pj == all_active.stages[4].weight_pj);
}

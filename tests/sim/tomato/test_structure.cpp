#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/tomato/rtl/emit_design.h"
#include "models/tomato/unit_traits.h"
#include "sim/files/csv_table.h"
#include "sim/tomato/resources.h"
#include "sim/tomato/run_tomato.h"
#include "sim/tomato/unit_structure.h"
#include "tests/models/tomato/pipeline_builder.h"
#include "tests/sim/tomato/configurations.h"

using namespace lacuna;
using tomato::StructureTerm;
using tomato::UnitKind;

namespace {

const std::string configurations = std::string(LACUNA_SOURCE_DIR) + "/configs/";

std::uint64_t dsp_of_weights(const tomato::MachineDesign& machine) {
  std::uint64_t dsp = 0;
  for (std::size_t unit = 0; unit < machine.pipeline.units.size(); ++unit) {
    if (tomato::traits(machine.pipeline.units[unit].kind).has_weights) {
      dsp += machine.placement->units[unit].dsp;
    }
  }
  return dsp;
}

}  // namespace

TEST_CASE("the structure of a pointwise unit is what its module's registers and memories are") {
  // Two channels of 8 bits, one lane: two steps, two words of 4 bits, a pipe of two stages, three result
  // slots.
  test::PipelineBuilder b("chain");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {1, 4, 2};
  source.format = NumberFormat::fixed(8, 0);
  tomato::Unit& engine = b.then(UnitKind::pointwise);
  engine.output_channels = 1;
  engine.weights.format = NumberFormat::shift(4, 0);
  engine.weights.mantissas = {1, 2};
  b.then(UnitKind::sink, 5);
  tomato::Parameters parameters;
  parameters.shifter_latency_cycles = 1;
  parameters.accumulator_latency_cycles = 1;
  const tomato::Analysis analysis = tomato::analyse(b.pipeline, parameters);
  REQUIRE(analysis.units[1].latency_cycles == 2);
  const auto sum_bits = static_cast<std::uint64_t>(tomato::hardware_bits(analysis.streams[1]));

  const auto flat = tomato::edge_hardware(b.pipeline, analysis, tomato::DataPlane::flat);
  const tomato::HardwareParts parts = tomato::unit_parts(b.pipeline, analysis, flat, 1);
  const tomato::Structure& unit = parts.structure;
  CHECK(unit[StructureTerm::issue] == 1);
  CHECK(unit[StructureTerm::stage] == 2);
  // Steps, memory word and slice: a bit each; two pointers to three slots: two bits each.
  CHECK(unit[StructureTerm::counter_bit] == 3 + 4);
  CHECK(unit[StructureTerm::held_bit] == 16);
  CHECK(unit[StructureTerm::slice_bit] == 8);
  CHECK(unit[StructureTerm::adder_bit] == sum_bits);
  // Weights and results.
  REQUIRE(parts.memories.size() == 2);
  CHECK(parts.memories[0].words == 2);
  CHECK(parts.memories[0].width_bits == 4);
  CHECK_FALSE(parts.memories[0].is_written);
  CHECK(parts.memories[1].words == 3);
  CHECK(parts.memories[1].width_bits == sum_bits);
  CHECK_FALSE(parts.memories[1].is_registered);
  // On iCE40 they are constants and registers, on UltraScale+ the results are three words of a slice of LUTs.
  const auto on = [&](const std::string& device) {
    return tomato::structure_on(parts, tomato::load_device(configurations + "devices/" + device + ".yaml"));
  };
  CHECK(on("ice40-hx8k")[StructureTerm::rom_bit] == 8);
  CHECK(on("ice40-hx8k")[StructureTerm::ram_bit] == 3 * sum_bits);
  CHECK(on("zu9eg")[StructureTerm::ram] == 1);
  CHECK(on("zu9eg")[StructureTerm::ram_bit] == 0);
  CHECK(on("zu9eg")[StructureTerm::ram_slice] == (sum_bits + 13) / 14);

  const tomato::HardwareParts fifo = tomato::fifo_parts(b.pipeline, analysis, flat, 1);
  // A count up to five and two pointers.
  CHECK(fifo.structure[StructureTerm::counter_bit] == 9);
  REQUIRE(fifo.memories.size() == 1);
  CHECK(fifo.memories[0].words == 5);
  CHECK(fifo.memories[0].width_bits == sum_bits);

  // Sliced, results leave as they come, into a ring of five tokens, the two of the pipe and the one that is
  // ready.
  const auto sliced = tomato::edge_hardware(b.pipeline, analysis, tomato::DataPlane::sliced);
  const tomato::HardwareParts sliced_unit = tomato::unit_parts(b.pipeline, analysis, sliced, 1);
  CHECK(sliced_unit.memories.size() == 1);
  const tomato::HardwareParts ring = tomato::store_parts(b.pipeline, analysis, sliced[1].store.value());
  REQUIRE(ring.memories.size() == 1);
  CHECK(ring.memories[0].words == 5 + 3);
  CHECK(ring.memories[0].width_bits == sum_bits);
}

TEST_CASE(
    "terms take what their table says, rounded once, and a term that the table leaves out takes nothing") {
  tomato::StructureTable table;
  table.terms = {{"stage", 0.5, 1.0}, {"held_bit", 1.25, 0.0}};
  tomato::Structure structure;
  structure.add(StructureTerm::stage, 3);
  structure.add(StructureTerm::held_bit, 5);
  structure.add(StructureTerm::rom_bit, 1000);
  const tomato::StructureCost cost = tomato::StructureCosts(table).of(structure);
  CHECK(cost.cells == 8);  // 1.5 + 6.25
  CHECK(cost.registers == 3);
  CHECK(tomato::StructureCosts().of(structure).cells == 0);
}

TEST_CASE("multipliers that synthesis makes of logic take no DSP blocks while there are any") {
  const std::string narrow = "architecture.defaults={weights: fixed(2), activations: fixed(2)}";
  const auto machine = [&](const std::string& place) {
    return test::machine_of(test::shipped(
        "lenet5", {narrow, "outputs=false", "architecture.balance={target_cycles_per_frame: 20000}",
                   "architecture.multipliers=" + place}));
  };
  const tomato::MachineDesign automatic = machine("automatic");
  CHECK(dsp_of_weights(automatic) == 0);
  CHECK(dsp_of_weights(machine("dsp")) > 0);
  CHECK(automatic.placement->devices[0].total.dsp > 0);  // scales of 16 bits
  const tomato::MachineDesign wide = test::machine_of(test::shipped(
      "lenet5", {"architecture.defaults={weights: fixed(8), activations: fixed(8)}", "outputs=false"}));
  CHECK(dsp_of_weights(wide) > 0);
}

TEST_CASE("tokens as wires take more than tokens in memories, in the same cycles") {
  const std::string slow = "architecture.balance={target_cycles_per_frame: 20000}";
  const tomato::MachineDesign sliced = test::machine_of(test::shipped("lenet5", {"outputs=false", slow}));
  const tomato::MachineDesign flat = test::machine_of(
      test::shipped("lenet5", {"outputs=false", slow, "architecture.data_plane=flat",
                               "architecture.device=" + configurations + "devices/vu9p.yaml"}));
  CHECK(flat.placement->devices[0].total.cells > sliced.placement->devices[0].total.cells);
  CHECK(tomato::planned_cycles_per_frame(flat.analysis, tomato::planned_bottleneck(flat.analysis)) ==
        tomato::planned_cycles_per_frame(sliced.analysis, tomato::planned_bottleneck(sliced.analysis)));
  // An estimate of the same machine: control and choices of slices beside the operators.
  const std::string estimate = "architecture.resources=generated";
  const tomato::MachineDesign estimated =
      test::machine_of(test::shipped("lenet5", {"outputs=false", slow, estimate}));
  CHECK(estimated.placement->devices[0].total.cells > sliced.placement->devices[0].total.cells);
  CHECK(estimated.placement->devices[0].total.cells < flat.placement->devices[0].total.cells);
  CHECK_THROWS_WITH(test::machine_of(test::shipped(
                        "lenet5", {"outputs=false", slow, estimate,
                                   "architecture.device=" + configurations + "devices/stratix5-gxa7.yaml"})),
                    Catch::Matchers::Contains("no structure table"));
  // A device whose logic has not been calibrated.
  CHECK_THROWS_WITH(test::machine_of(test::shipped(
                        "lenet5", {"outputs=false", slow, "architecture.data_plane=flat",
                                   "architecture.device=" + configurations + "devices/stratix5-gxa7.yaml"})),
                    Catch::Matchers::Contains("no structure table"));
}

namespace {

/// A sample of scripts/tomato-calibration on the device of a target.
tomato::MachineDesign sample_machine(const std::string& settings, const std::string& device) {
  ConfigOverrides overrides;
  overrides.assignments = {"architecture.device=" + configurations + "devices/" + device + ".yaml"};
  const std::string network = "workload.network=";
  for (std::size_t first = 0; first < settings.size();) {
    const std::size_t end = std::min(settings.find("; ", first), settings.size());
    std::string setting = settings.substr(first, end - first);
    if (setting.rfind(network, 0) == 0) {
      setting = network + configurations + "calibration/" + setting.substr(network.size());
    }
    overrides.assignments.push_back(setting);
    first = end + 2;
  }
  const tomato::TomatoConfig config =
      tomato::load_tomato_config(configurations + "calibration/run.yaml", overrides);
  const tomato::TomatoInputs inputs = tomato::load_tomato_inputs(config);
  return tomato::build_machine(config, inputs.network, inputs.largest);
}

struct ModelledPart {
  std::uint64_t cells = 0;
  std::uint64_t memory_blocks = 0;  ///< half blocks where the device has them
};

/// Each unit and FIFO as generated, by instance, each by itself.
std::map<std::string, ModelledPart> modelled_parts(const tomato::MachineDesign& machine,
                                                   tomato::DataPlane plane) {
  const auto placed = [&](tomato::Resources part) {
    const tomato::Resources total =
        tomato::place_multipliers({std::move(part)}, *machine.device, tomato::MultiplierPlace::automatic)
            .total;
    return ModelledPart{total.cells, total.block_ram + total.block_ram_halves};
  };
  const std::vector<tomato::EdgeHardware> edges =
      tomato::edge_hardware(machine.pipeline, machine.analysis, plane);
  std::map<std::string, ModelledPart> parts;
  for (std::size_t unit = 0; unit < machine.pipeline.units.size(); ++unit) {
    parts["u_" + tomato::hardware_name(machine.pipeline.units[unit].name)] =
        placed(tomato::generated_unit(machine.pipeline, machine.analysis, edges, unit, *machine.device));
  }
  for (std::size_t edge = 0; edge < machine.pipeline.edges.size(); ++edge) {
    parts[fmt::format("fifo_{}", edge)] =
        placed(tomato::generated_fifo(machine.pipeline, machine.analysis, edges, edge, *machine.device));
    if (edges[edge].store) {
      parts[fmt::format("store_{}", edge)] = placed(
          tomato::generated_store(machine.pipeline, machine.analysis, *edges[edge].store, *machine.device));
    }
  }
  return parts;
}

}  // namespace

// Yosys' report of each part lies in synthesis.csv (scripts/tomato-calibration).
TEST_CASE(
    "generated hardware has the memory blocks that synthesis makes, and its cells are within 15 % on "
    "machines "
    "that the model was not fitted to") {
  const CsvTable samples(configurations + "calibration/samples.csv");
  const CsvTable synthesis(configurations + "calibration/synthesis.csv");
  const auto [target, device] =
      GENERATE(std::make_pair(std::string("xilinx"), std::string("zu9eg")),
               std::make_pair(std::string("ice40"), std::string("ice40-hx8k")),
               std::make_pair(std::string("intel_alm"), std::string("stratix10-gx2800")));
  std::size_t judged = 0;
  std::uint64_t blocks = 0;
  for (std::size_t s = 0; s < samples.rows(); ++s) {
    struct SynthesizedPart {
      double cells = 0.0;
      std::uint64_t memory_blocks = 0;
    };
    std::map<std::string, SynthesizedPart> synthesized;
    for (std::size_t row = 0; row < synthesis.rows(); ++row) {
      if (synthesis.text(row, "sample") == samples.text(s, "sample") &&
          synthesis.text(row, "target") == target && synthesis.text(row, "part") != "whole") {
        synthesized[synthesis.text(row, "part")] = {
            synthesis.number(row, "luts") + synthesis.number(row, "ram_luts"),
            static_cast<std::uint64_t>(synthesis.number(row, "block_ram"))};
      }
    }
    if (synthesized.empty()) {
      continue;
    }
    INFO(target << " " << samples.text(s, "sample"));
    const std::map<std::string, ModelledPart> modelled = modelled_parts(
        sample_machine(samples.text(s, "settings"), device),
        samples.text(s, "settings").find("data_plane=flat") == std::string::npos ? tomato::DataPlane::sliced
                                                                                 : tomato::DataPlane::flat);
    REQUIRE(modelled.size() == synthesized.size());
    double model = 0.0;
    double real = 0.0;
    for (const auto& [part, counted] : synthesized) {
      INFO(part);
      REQUIRE(modelled.count(part) == 1);
      // Yosys' ALM device has blocks of 4096 words and prefers the fuller of two shapes to the fewer blocks;
      // Stratix 10 has none of 4096.
      const std::uint64_t most_apart =
          target == "intel_alm" ? std::max<std::uint64_t>(1, counted.memory_blocks / 5) : 0;
      const std::uint64_t model_blocks = modelled.at(part).memory_blocks;
      CHECK(std::max(model_blocks, counted.memory_blocks) - std::min(model_blocks, counted.memory_blocks) <=
            (counted.memory_blocks > 0 ? most_apart : 0));
      blocks += counted.memory_blocks;
      model += static_cast<double>(modelled.at(part).cells);
      real += counted.cells;
    }
    if (samples.text(s, "role") == "judge") {
      ++judged;
      CHECK(std::abs(model - real) <= 0.15 * real);
    }
  }
  CHECK(judged > 0);
  if (target != "xilinx") {  // the samples that have blocks there were not synthesized since engines changed
    CHECK(blocks > 0);
  }
}

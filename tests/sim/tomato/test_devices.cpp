#include <algorithm>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "sim/tomato/layer_summary.h"
#include "sim/tomato/run_tomato.h"
#include "tests/models/tomato/timeline/run_difference.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/machine_case.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> mobilenet_on(int devices, const std::vector<std::string>& more = {}) {
  std::vector<std::string> assignments = {
      "architecture.size_fifos=false", "architecture.devices=" + std::to_string(devices),
      "architecture.device=" + std::string(LACUNA_SOURCE_DIR) + "/configs/devices/stratix5-gxa7.yaml"};
  assignments.insert(assignments.end(), more.begin(), more.end());
  return assignments;
}

tomato::RunResult timeline_run(const tomato::TomatoConfig& config, const tomato::MachineDesign& machine) {
  tomato::RunInput input;
  input.frames = 3;
  return tomato::make_timeline_engine(machine.pipeline, config.architecture.parameters)->run(input);
}

}  // namespace

TEST_CASE("a chain over two and four devices computes what one device does, and both engines agree on it") {
  const tomato::TomatoReport single =
      tomato::run_tomato(test::shipped("squeezenet-head", {"workload.frames=2"}));
  for (const char* devices : {"2", "4"}) {
    INFO(devices);
    const tomato::TomatoConfig config = test::shipped(
        "squeezenet-head", {"workload.frames=2", std::string("architecture.devices=") + devices});
    const tomato::TomatoReport report = tomato::run_tomato(config);
    CHECK(report.result.outputs == single.result.outputs);
    CHECK(report.result.cycles_per_frame() == single.result.cycles_per_frame());
    CHECK(report.result.latency_cycles() > single.result.latency_cycles());
    const test::PipelineCase machine = test::machine_case(config, report);
    const tomato::RunResult clocked =
        tomato::make_forked_systemc_engine(machine.pipeline, machine.parameters)->run(machine.input);
    CHECK(test::run_difference(machine.pipeline, clocked, report.result) == "");
  }
}

TEST_CASE("MobileNet-V1 over two and four devices keeps its throughput, clocked and by the timeline") {
  std::uint64_t latency = 0;
  for (const int devices : {2, 4}) {
    INFO(devices);
    const tomato::TomatoConfig config = test::shipped("mobilenet", mobilenet_on(devices));
    const tomato::MachineDesign machine = test::machine_of(config);
    CHECK(machine.placement->cut_edges.size() == static_cast<std::size_t>(devices - 1));
    const tomato::RunResult timeline = timeline_run(config, machine);
    tomato::RunInput input;
    input.frames = 3;
    const tomato::RunResult clocked =
        tomato::make_forked_systemc_engine(machine.pipeline, config.architecture.parameters)->run(input);
    CHECK(test::run_difference(machine.pipeline, clocked, timeline) == "");
    CHECK(clocked.cycles_per_frame() == 50176);
    CHECK(clocked.latency_cycles() > latency);
    latency = clocked.latency_cycles();
  }
}

TEST_CASE("a link's latency delays the first frame by as much and costs no throughput") {
  const auto run = [](const std::string& latency) {
    const tomato::TomatoConfig config =
        test::shipped("mobilenet", mobilenet_on(2, {"architecture.link.latency_ns=" + latency}));
    return timeline_run(config, test::machine_of(config));
  };
  const tomato::RunResult near = run("100");   // 16 cycles at 157 MHz
  const tomato::RunResult far = run("10000");  // 1570 cycles
  CHECK(far.latency_cycles() - near.latency_cycles() == 1570 - 16);
  CHECK(far.cycles_per_frame() == near.cycles_per_frame());
}

TEST_CASE("a link with less bandwidth is busy longer, moves the cut, and at last carries no cut at all") {
  const auto machine_with = [](int devices, const std::string& gbps) {
    return test::machine_of(
        test::shipped("mobilenet", mobilenet_on(devices, {"architecture.link.bandwidth_gbps=" + gbps})));
  };
  const auto link_cycles = [](const tomato::MachineDesign& machine) {
    return tomato::planned_cycles_per_frame(machine.analysis, machine.pipeline.units.size() - 1);
  };
  const tomato::MachineDesign wide = machine_with(2, "100");
  const tomato::MachineDesign narrow = machine_with(2, "5");
  REQUIRE(narrow.pipeline.units.back().kind == tomato::UnitKind::link);
  CHECK(link_cycles(wide) < link_cycles(narrow));
  CHECK(link_cycles(narrow) <= 50176);
  // One bit per cycle carries the averages and what follows only.
  CHECK_THROWS_WITH(machine_with(4, "0.2"),
                    Contains("ALM") && Contains("of 4 devices are used: there are no more cuts"));
  CHECK_THROWS_WITH(machine_with(2, "0.1"), Contains("at least 0.157 Gbit/s"));
}

TEST_CASE(
    "of more devices than there are parts between cuts as many as there are parts are used, with a note") {
  // LeNet-5: four layers with weights and two pools. Streams of pixels cross behind the requantisations of
  // the first three and behind the pools: five cuts.
  const auto run_on = [](const char* devices) {
    return tomato::run_tomato(test::shipped(
        "lenet5", {"outputs=false", "workload.frames=3", std::string("architecture.devices=") + devices,
                   "architecture.device=" + std::string(LACUNA_SOURCE_DIR) + "/configs/devices/zu9eg.yaml"}));
  };
  const tomato::TomatoReport report = run_on("16");
  REQUIRE(report.machine.placement);
  CHECK(report.machine.placement->devices.size() == 6);
  for (const tomato::DeviceResources& device : report.machine.placement->devices) {
    CHECK(device.total.cells > 0);
  }
  const std::vector<std::string> notes = tomato::notes_of(report);
  CHECK(std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
    return note.find("6 of 16 devices are used") != std::string::npos;
  }));
  const tomato::TomatoReport six = run_on("6");
  CHECK(six.result.cycles == report.result.cycles);
  CHECK(six.machine.placement->cut_edges == report.machine.placement->cut_edges);
}

TEST_CASE("a device file that is missing for several devices is refused") {
  tomato::TomatoConfig config = test::shipped("mobilenet");
  config.architecture.devices = 2;
  config.architecture.device = {};
  CHECK_THROWS_WITH(test::machine_of(config), Contains("several devices without saying which"));
}

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/sweep/sweep.h"
#include "sim/tomato/architecture_key.h"
#include "sim/tomato/tomato_space.h"
#include "tests/file_bytes.h"
#include "tests/sim/sweep/small_tomato_sweep.h"

using namespace lacuna;
using test::shipped_file;
using test::small_tomato_sweep;
using test::TemporaryFolder;

namespace {

tomato::TomatoArchitecture machine(const Sweep& sweep, std::uint64_t number) {
  return dynamic_cast<const tomato::TomatoSpace&>(*sweep.space)
      .config(sweep.point(number).choices)
      .architecture;
}

std::string weights_of(const tomato::TomatoArchitecture& architecture, const std::string& layer) {
  for (const tomato::LayerSettings& each : architecture.layers) {
    if (each.layer == layer) {
      return each.weights;
    }
  }
  return architecture.defaults.values.weights;
}

/// What a sweep over LeNet-5 with these lines is refused with.
std::string refusal(const std::string& lines) {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("s.yaml", "base: " + shipped_file("tomato/lenet5.yaml") + "\n" + lines);
  return test::message_of<Error>([&] { load_sweep(path, families()); });
}

std::string axis_refusal(const std::string& axis) {
  return refusal("axes:\n  - " + axis + "\n");
}

}  // namespace

TEST_CASE("patterns of layers match names") {
  CHECK(tomato::matches("*", "conv1"));
  CHECK(tomato::matches("conv*", "conv1"));
  CHECK(tomato::matches("*v*1", "conv11"));
  CHECK(tomato::matches("conv1", "conv1"));
  CHECK(tomato::matches("fire*.squeeze", "fire2.squeeze"));
  CHECK_FALSE(tomato::matches("conv", "conv1"));
  CHECK_FALSE(tomato::matches("conv1*2", "conv13"));
  CHECK_FALSE(tomato::matches("", "conv1"));
}

TEST_CASE("a layer's own axis wins over one of many layers, both over the base") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(
      small_tomato_sweep(folder,
                         "architecture: {layers: [{layer: conv1, weights: binary, fifo_depth_pixels: 9}]}\n"),
      families());
  REQUIRE(sweep.points.size() == 2 * 2 * 3);
  const tomato::TomatoArchitecture first = machine(sweep, 0);
  CHECK(weights_of(first, "conv0") == "fixed(6)");
  CHECK(weights_of(first, "conv1") == "fixed(8)");
  CHECK(weights_of(first, "logits") == "fixed(8)");
  CHECK(first.layers.front().fifo_depth_pixels == 9U);
  CHECK(first.balance->target_cycles_per_frame == 1024U);
  const tomato::TomatoArchitecture last = machine(sweep, 11);
  CHECK(weights_of(last, "conv0") == "ternary");
  CHECK(weights_of(last, "fc1") == "shift(4)");
  CHECK(last.balance->target_cycles_per_frame == 4096U);
  CHECK(last.parameters.clock_mhz == 200.0);
}

TEST_CASE("every key of a streaming machine can vary, and labels are the values") {
  const TemporaryFolder folder;
  const std::string path = folder.write(
      "s.yaml", "base: " + shipped_file("tomato/lenet5.yaml") +
                    "\naxes:\n"
                    "  - {key: architecture.clock_mhz, values: [100, 250.5]}\n"
                    "  - {key: architecture.device, values: [" +
                    shipped_file("devices/zu9eg.yaml") + ", " + shipped_file("devices/vu9p.yaml") +
                    "]}\n"
                    "  - {key: architecture.size_fifos, values: [true, false]}\n"
                    "  - {key: architecture.multipliers, values: [dsp, logic]}\n"
                    "  - {key: architecture.link.latency_ns, values: [10]}\n"
                    "  - {key: architecture.defaults.activations, values: ['fixed(8)', 'fixed(10, 3)']}\n"
                    "  - {key: architecture.layers.conv1.unroll_outputs, range: {from: 1, to: 3, step: 1}}\n"
                    "  - {key: architecture.layers.conv*.fifo_depth_pixels, values: [2, 8]}\n"
                    "  - {key: architecture.layers.conv1.keep_ratio, values: [0.5]}\n"
                    "  - {key: architecture.balance.target_frames_per_second, values: [1000]}\n");
  const Sweep sweep = load_sweep(path, families());
  CHECK(sweep.points.size() == 2 * 2 * 2 * 2 * 2 * 3 * 2);
  CHECK(sweep.axes()[0].labels == std::vector<std::string>{"100.0", "250.5"});
  CHECK(sweep.axes()[1].labels == std::vector<std::string>{"zu9eg.yaml", "vu9p.yaml"});
  CHECK(sweep.axes()[2].labels == std::vector<std::string>{"true", "false"});
  CHECK(sweep.axes()[5].labels == std::vector<std::string>{"fixed(8)", "fixed(10, 3)"});
  const tomato::TomatoArchitecture last = machine(sweep, sweep.points.back());
  CHECK(last.parameters.clock_mhz == 250.5);
  CHECK(last.device.file_name() == "vu9p.yaml");
  CHECK_FALSE(last.size_fifos);
  CHECK(last.multipliers == tomato::MultiplierPlace::logic);
  CHECK(last.link.latency_ns == 10.0);
  CHECK(last.link.bandwidth_gbps == 100.0);
  CHECK(last.defaults.values.activations == "fixed(10, 3)");
  CHECK_FALSE(last.balance->target_cycles_per_frame);
  CHECK(last.balance->target_frames_per_second == 1000.0);
  const auto conv1 = std::find_if(last.layers.begin(), last.layers.end(),
                                  [](const auto& each) { return each.layer == "conv1"; });
  REQUIRE(conv1 != last.layers.end());
  CHECK(conv1->unroll_outputs == 3U);
  CHECK(conv1->fifo_depth_pixels == 8U);
  CHECK(conv1->keep_ratio == 0.5);
}

TEST_CASE("sweeps over streaming machines that make no sense are refused with their place") {
  using Catch::Contains;
  CHECK_THAT(axis_refusal("{key: architecture.clock_mzh, values: [1]}"),
             Contains("s.yaml:3: axes.0.key") && Contains("did you mean 'architecture.clock_mhz'?"));
  CHECK_THAT(axis_refusal("{key: architecture.pe_count, values: [1]}"), Contains("not a key that can vary"));
  CHECK_THAT(axis_refusal("{key: architecture.layers, values: [1]}"), Contains("not a key that can vary"));
  CHECK_THAT(axis_refusal("{key: architecture.layers.conv1.wights, values: [shift(4)]}"),
             Contains("did you mean 'weights'?"));
  CHECK_THAT(axis_refusal("{key: architecture.layers.conv9.weights, values: [shift(4)]}"),
             Contains("LeNet-5 has no layer 'conv9' with weights"));
  CHECK_THAT(axis_refusal("{key: architecture.layers.pool0.weights, values: [shift(4)]}"),
             Contains("no layer 'pool0' with weights"));
  CHECK_THAT(axis_refusal("{key: architecture.layers.conv1.weights, values: [shift(4), shift(99)]}"),
             Contains("has no such width"));
  CHECK_THAT(axis_refusal("{key: architecture.defaults.activations, values: [shift(4)]}"),
             Contains("no format of activations"));
  CHECK_THAT(axis_refusal("{key: architecture.layers.conv1.unroll_outputs, values: [0]}"),
             Contains("out of range"));
  CHECK_THAT(axis_refusal("{key: architecture.device, values: [none.yaml]}"), Contains("no such file"));
  CHECK_THAT(axis_refusal("{key: workload, values: [none.yaml]}"), Contains("no such file"));
  CHECK_THAT(axis_refusal("{key: architecture.layers.*.weights, values: [shift(4)]}\n"
                          "  - {key: architecture.layers.conv*.weights, values: [fixed(8)]}"),
             Contains("axes.1.key") && Contains("weights of layer conv0 is set by two axes"));
  CHECK_THAT(axis_refusal("{key: architecture.balance.target_cycles_per_frame, values: [1024]}\n"
                          "  - {key: architecture.balance.target_frames_per_second, values: [9]}"),
             Contains("balanced for is set by two axes"));
  const std::string axis = "axes: [{key: architecture.clock_mhz, values: [1]}]\n";
  CHECK_THAT(refusal(axis + "engine: verilog\n"), Contains("systemc, timeline, rtl"));
  CHECK_THAT(refusal(axis + "objectives: [{metric: energy_nj_per_frame}]\n"),
             Contains("not known without an energy table"));
  CHECK_THAT(refusal(axis + "objectives: [{metric: accuracy, goal: max}]\n"), Contains("outputs: true"));
  CHECK_THAT(refusal(axis + "objectives: [{metric: frames_per_secon}]\n"),
             Contains("did you mean 'frames_per_second'?"));
  CHECK_THAT(refusal(axis + "constraints: ['alm < 5']\n"), Contains("neither a metric nor a parameter"));
  CHECK_THAT(refusal(axis + "workload: {frames: 3}\n"), Contains("network"));
}

TEST_CASE("a sweep's energy needs a device") {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("s.yaml",
                   "architecture: {kind: tomato, balance: {target_cycles_per_frame: 1024}}\n"
                   "workload: {network: " +
                       shipped_file("networks/lenet5.yaml") +
                       "}\nenergy: " + shipped_file("tomato/energy/fpga-estimate-45nm.yaml") +
                       "\naxes: [{key: architecture.clock_mhz, values: [100]}]\n");
  CHECK_THAT(test::message_of<ConfigurationError>([&path] { load_sweep(path, families()); }),
             Catch::Contains("s.yaml:3: energy: energy of machines without a device"));
}

TEST_CASE("constraints name a device's resources as the device does, and parameters by their keys") {
  const TemporaryFolder folder;
  const Sweep sweep =
      load_sweep(small_tomato_sweep(folder,
                                    "constraints: ['lut <= 9e9', 'DSP <= 4', 'bram36 > 0', "
                                    "'balance.target_cycles_per_frame < 4000', 'clock_mhz == 200']\n"),
                 families());
  CHECK(sweep.points.size() == 8);
  CHECK(sweep.excluded == 4);
  const auto& names = sweep.space->metric_names();
  CHECK(names[sweep.constraints[0].metric.value()] == "logic_blocks");
  CHECK(names[sweep.constraints[1].metric.value()] == "dsp_blocks");
  CHECK(names[sweep.constraints[2].metric.value()] == "memory_blocks");
  CHECK_FALSE(sweep.constraints[3].metric);
}

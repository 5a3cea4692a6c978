// What cannot be made a streaming machine, each by its message.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/tomato/cut.h"
#include "sim/tomato/device.h"
#include "sim/tomato/layer_summary.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/lowering.h"
#include "sim/tomato/run_tomato.h"
#include "sim/tomato/tomato_engine.h"
#include "tests/file_bytes.h"

using namespace lacuna;

namespace {

const std::string devices = std::string(LACUNA_SOURCE_DIR) + "/configs/devices/";
const std::string input = "    - {name: in, kind: input, height: 4, width: 4, channels: 4}\n";
const std::string conv =
    "    - {name: conv, kind: convolution, outputs: 4, kernel: 1, weights: {generate: {}}}\n";

/// A configuration that runs a network of these layers, with these keys of its architecture.
struct Case {
  std::string layers = input + conv;
  std::string architecture;
  std::string rest;

  std::string refusal() const {
    const test::TemporaryFolder folder;
    folder.write("n.yaml", "network:\n  layers:\n" + layers);
    const std::string path = folder.write(
        "t.yaml", "architecture: {kind: tomato" + architecture +
                      "}\nworkload: {network: n.yaml, data: random, frames: 1}\nengine: timeline\n" + rest);
    return test::message_of<Error>([&path] { tomato::run_tomato(tomato::load_tomato_config(path)); });
  }
};

std::string layers_refusal(const std::string& layers) {
  Case each;
  each.layers = layers;
  return each.refusal();
}

std::string architecture_refusal(const std::string& architecture) {
  Case each;
  each.architecture = architecture;
  return each.refusal();
}

}  // namespace

TEST_CASE("the small case itself runs") {
  CHECK(Case().refusal().empty());
}

TEST_CASE("layers that the streaming machine does not have are refused at their place") {
  CHECK_THAT(layers_refusal("    - {name: in, kind: input, height: 4, channels: 4}\n"
                            "    - {name: l, kind: lstm, outputs: 2, weights: {generate: {}}}\n"),
             Catch::Contains("the streaming machine has no recurrent cells"));
  CHECK_THAT(layers_refusal(input + "    - {name: r, kind: rearrange, height: 4, width: 4, channels: 4, "
                                    "offset: 48, extents: [4, 16], strides: [-16, 1]}\n"),
             Catch::Contains("layer 'r': the streaming machine moves nothing from pixel to pixel"));
  CHECK_THAT(
      layers_refusal(input + "    - {name: r, kind: rearrange, channels: 4, extents: [4], strides: [1]}\n"),
      Catch::Contains("moves nothing from pixel to pixel"));
  CHECK_THAT(layers_refusal(input + "    - {name: p, kind: average_pooling, kernel: 2, padding: 1}\n"),
             Catch::Contains("the machine divides averages by the whole window"));
  CHECK_THAT(layers_refusal(input + "    - {name: r, kind: relu}\n" +
                            "    - {name: s, kind: add, inputs: [in, r, in]}\n"),
             Catch::Contains("an adder has two inputs"));
  CHECK_THAT(layers_refusal(input + "    - {name: s, kind: softmax}\n    - {name: r, kind: relu}\n"),
             Catch::Contains("softmax is the host's work"));
}

TEST_CASE("settings of layers that make no machine are refused") {
  CHECK_THAT(architecture_refusal(", layers: [{layer: covn}]"),
             Catch::Contains("the network has no layer 'covn'; did you mean 'conv'?"));
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv}, {layer: conv}]"),
             Catch::Contains("layer 'conv' stands there twice"));
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, keep_ratio: 0.5}]"),
             Catch::Contains("a layer whose channels are pruned needs a next one"));
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, weights: 'fixed(40)'}]"),
             Catch::Contains("'fixed(40)' has no such width; allowed: 2 to 32 bits"));
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, weights: 'shift(4)', weight_scale: 0.5}]"),
             Catch::Contains("a format that is stated whole"));
  CHECK_THAT(
      architecture_refusal(", layers: [{layer: conv, weights: 'shift(9)'}]"),
      Catch::Contains(
          "architecture.layers.0.weights: layer 'conv': 'shift(9)' has no such width; allowed: 3 to 6 bits"));
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, activations: 'shift(4, 1)'}]"),
             Catch::Contains("is no format of activations"));
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, weights: 'fixxed(8)'}]"),
             Catch::Contains("\"fixxed(8)\" is no number format"));
  CHECK_THAT(layers_refusal(input + "    - {name: conv, kind: convolution, outputs: 4, kernel: 1, weights: "
                                    "{generate: {density: 0.3}}}\n"),
             Catch::Equals(""));
  Case pruned;
  pruned.layers = input +
                  "    - {name: conv, kind: convolution, outputs: 4, kernel: 1, weights: {generate: "
                  "{density: 0.3}}}\n";
  pruned.architecture = ", layers: [{layer: conv, weights: binary}]";
  CHECK_THAT(pruned.refusal(), Catch::Contains("binary weights have no zero"));
  CHECK_THAT(test::message_of<ConfigurationError>([] {
               tomato::fold({{1e6}, {0.0}}, NumberFormat::fixed(8, 3), {});
             }),
             Catch::Contains("a scale of 1e+06 does not fit 16 bits"));
}

TEST_CASE("goals and devices that cannot be met are refused") {
  CHECK_THAT(architecture_refusal(", balance: {fill_device: true}"), Catch::Contains("no device to fill"));
  CHECK_THAT(architecture_refusal(", devices: 2"), Catch::Contains("several devices without saying which"));
  CHECK_THAT(architecture_refusal(", balance: {target_cycles_per_frame: 15}"),
             Catch::Contains("cannot keep to 15 cycles for a frame: it takes 16 tokens"));
  CHECK_THAT(architecture_refusal(", device: none.yaml"), Catch::Contains("no such file 'none.yaml'"));
  CHECK_THAT(architecture_refusal(", base: t.yaml"), Catch::Contains("unknown key"));
  Case energy;
  energy.rest = "energy: n.yaml\n";
  CHECK_THAT(energy.refusal(), Catch::Contains("energy of a machine without a device"));
}

TEST_CASE("a small device is named with what it lacks") {
  const test::TemporaryFolder folder;
  std::string text = test::read_whole(devices + "zu9eg.yaml");
  const auto replace = [&text](const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  };
  replace("table: logic-lut6.yaml", "table: " + devices + "logic-lut6.yaml");
  replace("structure: ", "structure: " + devices);
  replace("blocks: 274080", "blocks: 10");
  const std::string device = folder.write("d.yaml", text);
  CHECK_THAT(architecture_refusal(", device: " + device),
             Catch::Contains("the machine needs 400 LUT, of which there are 10"));
  CHECK_THAT(architecture_refusal(", balance: {fill_device: true}, device: " + device),
             Catch::Contains("even with") && Catch::Contains("of which there are 10"));
  const tomato::LogicCosts logic = tomato::load_logic_costs(devices + "logic-lut6.yaml");
  CHECK_THAT(test::message_of<ConfigurationError>([&] { logic.adder(1000); }),
             Catch::Contains("has no 'add' of 1000 bits"));
  CHECK_THAT(test::message_of<ConfigurationError>([&] { logic.multiplier(NumberKind::fixed, 99, 8); }),
             Catch::Contains("that holds 99 x 8 bits"));
}

TEST_CASE("presets that refer to each other in a circle are refused") {
  const test::TemporaryFolder folder;
  folder.write("a.yaml", "architecture: {base: b.yaml}\n");
  folder.write("b.yaml", "architecture: {base: a.yaml}\n");
  folder.write("n.yaml", "network:\n  layers:\n" + input + conv);
  const std::string path =
      folder.write("t.yaml", "architecture: {base: a.yaml}\nworkload: {network: n.yaml}\n");
  CHECK_THAT(test::message_of<ConfigurationError>([&path] { tomato::load_tomato_config(path); }),
             Catch::Contains("in a circle"));
}

TEST_CASE("the timeline engine has no waves") {
  const test::TemporaryFolder folder;
  folder.write("n.yaml", "network:\n  layers:\n" + input + conv);
  const std::string path = folder.write(
      "t.yaml",
      "architecture: {kind: tomato}\nworkload: {network: n.yaml, data: random}\nengine: timeline\n");
  tomato::TomatoEngineOptions options;
  options.wave_file = folder.file("w.vcd");
  CHECK_THAT(test::message_of<ConfigurationError>(
                 [&] { tomato::run_tomato(tomato::load_tomato_config(path), options); }),
             Catch::Contains("the timeline engine has no waves"));
}

TEST_CASE("an engine that the streaming machine does not have is refused") {
  CHECK_THAT(
      test::message_of<ConfigurationError>([] { tomato::engine_kind("verilog"); }),
      Catch::Contains("the streaming machine has no engine 'verilog'; allowed: systemc, timeline, rtl"));
}

TEST_CASE("a network without data is refused unless the run says that its frames are random") {
  const test::TemporaryFolder folder;
  folder.write("n.yaml", "network:\n  layers:\n" + input + conv);
  const auto run = [&](const std::string& rest) {
    const std::string path = folder.write(
        "t.yaml", "architecture: {kind: tomato}\nworkload: {network: n.yaml" + rest + "\nengine: timeline\n");
    return test::message_of<Error>([&path] { tomato::run_tomato(tomato::load_tomato_config(path)); });
  };
  CHECK_THAT(run("}"), Catch::Contains("t.yaml:2: workload.network: the network has no data to run") &&
                           Catch::Contains("workload.data: random"));
  CHECK(run("}\noutputs: false").empty());
  CHECK(run(", data: random}").empty());
  CHECK_THAT(run(", data: randm}"), Catch::Contains("workload.data") && Catch::Contains("random"));
  CHECK_THAT(run(", data: {}}"), Catch::Contains("workload.data"));
}

TEST_CASE("random frames are drawn with the seed") {
  const test::TemporaryFolder folder;
  folder.write("n.yaml", "network:\n  layers:\n" + input + conv);
  const auto checksum = [&](const std::string& seed) {
    const std::string path = folder.write("t.yaml",
                                          "architecture: {kind: tomato}\nworkload: {network: n.yaml, data: "
                                          "random}\nengine: timeline\nseed: " +
                                              seed + "\n");
    return tomato::run_tomato(tomato::load_tomato_config(path)).outputs_checksum;
  };
  CHECK(checksum("1") == checksum("1"));
  CHECK(checksum("1") != checksum("5"));
}

TEST_CASE("weights that are generated without a seed of their own are drawn with the run's") {
  const test::TemporaryFolder folder;
  folder.write("x.npy",
               test::read_whole(std::string(LACUNA_SOURCE_DIR) + "/tests/sim/tomato/steady_period2/x.npy"));
  const auto checksum = [&](const std::string& generate, const std::string& seed) {
    folder.write("n.yaml",
                 "network:\n  layers:\n    - {name: in, kind: input, height: 2, width: 3, channels: 1}\n"
                 "    - {name: c, kind: convolution, outputs: 4, kernel: 1, weights: {generate: {" +
                     generate + "}}}\ndata: {npy: x.npy}\n");
    const std::string path = folder.write(
        "t.yaml",
        "architecture: {kind: tomato}\nworkload: {network: n.yaml}\nengine: timeline\nseed: " + seed + "\n");
    return tomato::run_tomato(tomato::load_tomato_config(path)).outputs_checksum;
  };
  CHECK(checksum("", "1") != checksum("", "5"));
  CHECK(checksum("", "5") == checksum("seed: 5", "1"));
  CHECK(checksum("seed: 3", "1") == checksum("seed: 3", "5"));
}

TEST_CASE("a missing file of a run is an error of its input data, as on every machine") {
  const test::TemporaryFolder folder;
  const std::string path =
      folder.write("t.yaml", "architecture: {kind: tomato}\nworkload: {network: none.yaml}\n");
  CHECK_THAT(test::message_of<InputDataError>([&path] { tomato::load_tomato_config(path); }),
             Catch::Contains("no such file 'none.yaml'"));
}

TEST_CASE("results of frames that take more than the memory budget are refused before they run") {
  Case each;
  each.rest = "memory_budget_mib: 1\n";
  CHECK(each.refusal().empty());
  const test::TemporaryFolder folder;
  folder.write("n.yaml", "network:\n  layers:\n" + input + conv);
  const std::string path = folder.write("t.yaml",
                                        "architecture: {kind: tomato}\nworkload: {network: n.yaml, data: "
                                        "random, frames: 1048576}\nengine: timeline\n");
  CHECK_THAT(
      test::message_of<CapacityError>([&path] { tomato::run_tomato(tomato::load_tomato_config(path)); }),
      Catch::Contains("the results of 1048576 frames take about") &&
          Catch::Contains("memory_budget_mib is 1024"));
}

TEST_CASE("an operator that the logic table lacks is refused with the table's file") {
  const test::TemporaryFolder folder;
  std::string logic = test::read_whole(devices + "logic-lut6.yaml");
  for (std::size_t at; (at = logic.find("operator: multiply_ternary")) != std::string::npos;) {
    logic.replace(at, 26, "operator: multiply_binary");
  }
  folder.write("logic.yaml", logic);
  std::string text = test::read_whole(devices + "zu9eg.yaml");
  const std::string table = "table: logic-lut6.yaml";
  text.replace(text.find(table), table.size(), "table: logic.yaml");
  const std::string structure = "structure: ";
  text.replace(text.find(structure), structure.size(), structure + devices);
  CHECK_THAT(architecture_refusal(", defaults: {weights: ternary}, device: " + folder.write("d.yaml", text)),
             Catch::Contains(folder.file("logic.yaml") + ": logic.operators: the logic table ") &&
                 Catch::Contains("has no multiply_ternary that holds 2 x 8 bits"));
}

TEST_CASE("links that no machine has are refused, and none is cut short") {
  tomato::Stream stream;
  stream.map = {1, 1, 4};
  stream.width_bits = 8;
  const auto refusal = [&](double gbps, double ns, double mhz) {
    return test::message_of<ConfigurationError>([&] {
      tomato::LinkConfig link;
      link.bandwidth_gbps = gbps;
      link.latency_ns = ns;
      tomato::link_between(link, mhz, stream, {"t.yaml", 1, "architecture"});
    });
  };
  CHECK_THAT(
      refusal(100, 1e9, 5000),
      Catch::Contains("t.yaml:1: architecture: a link of 1e+09 ns at 5000 MHz takes 5000000000 cycles") &&
          Catch::Contains("at most 16777216 pixels"));
  CHECK_THAT(refusal(1e6, 100, 0.1), Catch::Contains("words of 10000000000 bits"));
  CHECK_THAT(refusal(1e6, 1e9, 1e5), Catch::Contains("link.latency_ns"));
  const tomato::Link far = tomato::link_between({100.0, 4e7}, 200.0, stream, {});
  CHECK(far.latency_cycles == 8000000);
  CHECK(far.buffer_tokens == 16000001);
}

TEST_CASE("widths that the machine does not multiply are refused by the layer's name and format") {
  for (const char* works : {"fixed(17)", "fixed(32)", "dynamic_fixed(24)"}) {
    CHECK(architecture_refusal(std::string(", layers: [{layer: conv, weights: '") + works + "'}]").empty());
  }
  CHECK(architecture_refusal(", layers: [{layer: conv, weights: 'fixed(17, 1)'}]").empty());
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, weights: 'shift(7)'}]"),
             Catch::Contains("t.yaml:1: architecture.layers.0.weights: layer 'conv': 'shift(7)'") &&
                 Catch::Contains("3 to 6 bits"));
  CHECK_THAT(
      architecture_refusal(", layers: [{layer: conv, weights: 'shift(7, 3)'}]"),
      Catch::Contains("t.yaml:1: architecture.layers.0.weights: layer 'conv': shift(7, 3) has mantissas") &&
          Catch::Contains("shift(3) to shift(6)"));
  CHECK_THAT(
      architecture_refusal(", layers: [{layer: conv, weights: 'recentralised_shift(8)'}]"),
      Catch::Contains("architecture.layers.0.weights: layer 'conv'") && Catch::Contains("4 to 7 bits"));
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, activations: 'shift(4)'}]"),
             Catch::Contains("architecture.layers.0.activations: layer 'conv': 'shift(4)' is no format"));
  CHECK_THAT(architecture_refusal(", defaults: {weights: 'nonsense'}"),
             Catch::Contains("architecture.defaults.weights: layer '"));
  CHECK(architecture_refusal(", layers: [{layer: conv, weights: 'shift(6)'}]").empty());
}

TEST_CASE("a device that shall not be filled is no goal") {
  CHECK_THAT(architecture_refusal(", balance: {fill_device: false}"), Catch::Contains("is no goal"));
}

TEST_CASE("settings that a unit lacks are refused by the unit's name") {
  CHECK_THAT(
      architecture_refusal(", layers: [{layer: conv, unroll_kernel: 1}]"),
      Catch::Contains("t.yaml:1: architecture.layers.0.unroll_kernel: layer 'conv': its unit, pointwise "
                      "convolution, has none"));
  Case padded;
  padded.layers =
      input +
      "    - {name: conv, kind: convolution, outputs: 4, kernel: 1, padding: 1, weights: {generate: {}}}\n";
  padded.architecture = ", layers: [{layer: conv, unroll_kernel: 1}]";
  CHECK(padded.refusal().empty());
  Case depthwise;
  depthwise.layers =
      input +
      "    - {name: conv, kind: convolution, outputs: 4, kernel: 3, groups: 4, weights: {generate: {}}}\n";
  depthwise.architecture = ", layers: [{layer: conv, unroll_inputs: 1}]";
  CHECK_THAT(depthwise.refusal(), Catch::Contains("t.yaml:1: architecture.layers.0.unroll_inputs: layer "
                                                  "'conv': its unit, depthwise convolution, has none"));
  depthwise.architecture = ", layers: [{layer: conv, unroll_outputs: 5}]";
  CHECK_THAT(depthwise.refusal(),
             Catch::Contains("t.yaml:1: architecture.layers.0.unroll_outputs: layer 'conv': ") &&
                 Catch::Contains("5 lanes for 4 channels; 1 to 4"));
  depthwise.architecture = ", layers: [{layer: conv, unroll_kernel: 10}]";
  CHECK_THAT(depthwise.refusal(),
             Catch::Contains("t.yaml:1: architecture.layers.0.unroll_kernel: layer 'conv': ") &&
                 Catch::Contains("10 lanes for 9 taps; 1 to 9"));
  Case grouped;
  grouped.layers =
      input +
      "    - {name: conv, kind: convolution, outputs: 4, kernel: 3, groups: 2, weights: {generate: {}}}\n";
  grouped.architecture = ", layers: [{layer: conv, unroll_inputs: 2}]";
  CHECK(grouped.refusal().empty());
  grouped.architecture = ", layers: [{layer: conv, unroll_inputs: 3}]";
  CHECK_THAT(grouped.refusal(),
             Catch::Contains("t.yaml:1: architecture.layers.0.unroll_inputs: layer 'conv': ") &&
                 Catch::Contains("3 lanes for 2 input channels"));
  grouped.architecture = ", layers: [{layer: conv, keep_ratio: 0.5}]";
  CHECK_THAT(grouped.refusal(), Catch::Contains("its unit, convolution in groups, has none"));
}

namespace {

/// Raw results of a network over three random frames.
std::vector<std::vector<std::int64_t>> results(const std::string& layers, const std::string& settings) {
  const test::TemporaryFolder folder;
  folder.write("n.yaml", "network:\n  layers:\n" + layers);
  const std::string path = folder.write(
      "t.yaml", "architecture: {kind: tomato, layers: [" + settings +
                    "]}\nworkload: {network: n.yaml, data: random, frames: 3}\nengine: timeline\n");
  return tomato::run_tomato(tomato::load_tomato_config(path)).result.outputs;
}

}  // namespace

TEST_CASE("an output added to itself is doubled, concatenated with itself it comes twice") {
  const std::string narrow = "{layer: conv, activations: 'fixed(8, 3)'}";
  const auto values = results(input + conv, narrow);
  const auto sums = results(input + conv + "    - {name: s, kind: add, inputs: [conv, conv]}\n",
                            narrow + ", {layer: s, activations: 'fixed(16, 4)'}");
  const auto twice = results(input + conv + "    - {name: s, kind: concat, inputs: [conv, conv]}\n", narrow);
  REQUIRE(values.size() == 3);
  REQUIRE(sums.size() == 3);
  // fixed(8, 3) counts in 2^-4, fixed(16, 4) in 2^-11.
  constexpr std::size_t channels = 4;
  for (std::size_t frame = 0; frame < 3; ++frame) {
    REQUIRE(sums[frame].size() == values[frame].size());
    REQUIRE(twice[frame].size() == 2 * values[frame].size());
    for (std::size_t i = 0; i < values[frame].size(); ++i) {
      CHECK(sums[frame][i] == values[frame][i] * 2 * 128);
      const std::size_t pixel = i / channels;
      CHECK(twice[frame][pixel * 2 * channels + i % channels] == values[frame][i]);
      CHECK(twice[frame][pixel * 2 * channels + channels + i % channels] == values[frame][i]);
    }
  }
}

TEST_CASE("what a pipeline cannot be names file, layer and settings") {
  CHECK_THAT(architecture_refusal(", layers: [{layer: conv, unroll_outputs: 5}]"),
             Catch::Contains("t.yaml:1: architecture.layers.0.unroll_outputs: layer 'conv': ") &&
                 Catch::Contains("5 lanes for 4 output channels; 1 to 4"));
  CHECK_THAT(architecture_refusal(
                 ", balance: {target_cycles_per_frame: 16}, layers: [{layer: conv, unroll_outputs: 1}]"),
             Catch::Contains("t.yaml:1: architecture.layers.0: layer 'conv': unit ") &&
                 Catch::Contains("cannot keep to 16 cycles") &&
                 Catch::Contains("with unroll_outputs 1 as stated"));
  CHECK_THAT(architecture_refusal(", defaults: {weights: 'fixed(32, 1)', activations: 'fixed(32, 1)'}"),
             Catch::Contains("t.yaml:1: architecture: layer 'conv': "));
  CHECK_THAT(architecture_refusal(", balance: {target_cycles_per_frame: 15}"),
             Catch::Contains("t.yaml:1: architecture: layer 'in': unit in cannot keep to 15 cycles"));
}

TEST_CASE(
    "what is timed without values is refused for pruned weights that are to be binary, as with values") {
  const std::string pruned =
      "    - {name: conv, kind: convolution, outputs: 4, kernel: 1, weights: {generate: {density: 0.3}}}\n";
  for (const char* outputs : {"outputs: true\n", "outputs: false\n"}) {
    INFO(outputs);
    for (const char* settings :
         {", layers: [{layer: conv, weights: binary}]", ", defaults: {weights: binary(0)}"}) {
      const Case each{input + pruned, settings, outputs};
      CHECK_THAT(each.refusal(), Catch::Contains("binary weights have no zero"));
    }
    const Case dense{input + conv, ", layers: [{layer: conv, weights: binary}]", outputs};
    CHECK(dense.refusal().empty());
  }
}

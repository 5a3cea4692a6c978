#include <utility>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/report/result_json.h"
#include "sim/tomato/run_tomato.h"
#include "sim/tomato/tomato_result.h"
#include "sim/tomato/tomato_text.h"
#include "tests/sim/network/small_networks.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using Catch::Matchers::Contains;

TEST_CASE("LeNet-5 with its real weights classifies its pictures") {
  const tomato::TomatoReport report = tomato::run_tomato(test::shipped("lenet5"));
  REQUIRE(report.accuracy);
  CHECK(report.accuracy->correct >= 15);
  CHECK(report.accuracy->labelled == 16);
  CHECK(report.weights_source == "real");
  CHECK(report.result.cycles_per_frame() <= 1024);
}

TEST_CASE("FIFO sizing keeps the throughput, SystemC confirms it, and no FIFO can be smaller") {
  const tomato::TomatoConfig config = test::shipped("residual", {"workload.frames=4"});
  tomato::TomatoEngineOptions systemc;
  systemc.in_child_process = true;
  tomato::TomatoConfig clocked = config;
  clocked.engine = tomato::EngineKind::systemc;
  const tomato::TomatoReport report = tomato::run_tomato(clocked, systemc);
  CHECK(report.result.cycles_per_frame() == report.machine.sizing->steady.cycles_per_frame());
  for (std::size_t edge = 0; edge < report.machine.pipeline.edges.size(); ++edge) {
    tomato::Pipeline smaller = report.machine.pipeline;
    if (smaller.edges[edge].depth == 1) {
      continue;
    }
    --smaller.edges[edge].depth;
    INFO(tomato::edge_name(smaller, smaller.edges[edge]));
    tomato::RunInput input;
    input.frames = 8;
    const tomato::RunResult result =
        tomato::make_engine(tomato::EngineKind::timeline, smaller, config.architecture.parameters)
            ->run(input);
    CHECK((result.deadlock || result.cycles_per_frame() > report.machine.sizing->steady.cycles_per_frame()));
  }
}

TEST_CASE("a shortcut without room deadlocks and the error names the FIFOs") {
  CHECK_THROWS_WITH(tomato::run_tomato(test::shipped("residual", {"architecture.size_fifos=false"})),
                    Contains("deadlocked") && Contains("is full") && Contains("conv2"));
}

TEST_CASE("both engines give the same result but for their name") {
  tomato::TomatoConfig config = test::shipped("residual");
  const tomato::TomatoReport fast = tomato::run_tomato(config);
  tomato::TomatoEngineOptions options;
  options.in_child_process = true;
  config.engine = tomato::EngineKind::systemc;
  nlohmann::ordered_json clocked =
      result_json(tomato::tomato_result(config, tomato::run_tomato(config, options)));
  nlohmann::ordered_json timeline = result_json(tomato::tomato_result(config, fast));
  clocked.erase("engine");
  timeline.erase("engine");
  CHECK(clocked == timeline);
}

TEST_CASE("fewer kept channels take fewer cycles in rolled engines and skip products") {
  std::uint64_t cycles = UINT64_MAX;
  for (const char* keep : {"1", "0.5", "0.25"}) {
    INFO(keep);
    const std::string ratio = std::string("architecture.layers=[{layer: conv1, keep_ratio: ") + keep + "}]";
    const tomato::TomatoReport report = tomato::run_tomato(
        test::shipped("lenet5", {ratio, "architecture.balance.target_cycles_per_frame=40000",
                                 "architecture.size_fifos=false", "workload.frames=4"}));
    std::uint64_t busy = 0;
    for (std::size_t unit = 0; unit < report.result.units.size(); ++unit) {
      const tomato::Unit& u = report.machine.pipeline.units[unit];
      busy += u.name == "conv1" || u.name == "fc1"
                  ? report.result.units[unit].cycles[tomato::CycleClass::busy]
                  : 0;
    }
    CHECK(busy < cycles);
    cycles = busy;
  }
}

TEST_CASE("settings of layers that are not there are refused with the nearest name") {
  CHECK_THROWS_WITH(tomato::run_tomato(test::shipped("lenet5", {"architecture.layers=[{layer: conv9}]"})),
                    Contains("conv9") && Contains("conv"));
}

TEST_CASE("the text report shows unroll factors, stalls, FIFOs and resources") {
  const tomato::TomatoConfig config = test::shipped("lenet5", {"workload.frames=2"});
  const std::string text = tomato::text_report(config, tomato::run_tomato(config));
  for (const char* part : {"unroll", "starved %", "FIFO mark", "DSP", "bottleneck", "cycles per frame"}) {
    CHECK_THAT(text, Contains(part));
  }
}

TEST_CASE("a streaming machine keeps numbers of any magnitude, and its engines every layer's values") {
  for (const auto& [image, weight] : {std::pair<double, double>{1, 1},
                                      {1e-12, 1},
                                      {1, 1e-9},
                                      {1e12, 1},
                                      {1e-6, 1e-6},
                                      {1e6, 1e6},
                                      {1e5, 1e-7}}) {
    for (const char* weights : {"fixed(8)", "dynamic_fixed(8)", "fixed(16)", "fixed(20)"}) {
      const test::TemporaryFolder folder;
      test::scaled_network(folder, image, weight, 0.5);
      tomato::TomatoConfig config = tomato::load_tomato_config(folder.write(
          "run.yaml", fmt::format("architecture: {{kind: tomato, defaults: {{weights: '{}', activations: "
                                  "'fixed(10)'}}}}\nworkload: {{network: scaled.yaml, frames: 4, "
                                  "calibration_images: 4}}\n",
                                  weights)));
      INFO("images " << image << ", weights " << weight << " in " << weights);
      tomato::TomatoEngineOptions options;
      options.values = {KeptValues::of_all_layers, true};
      options.in_child_process = true;
      const tomato::TomatoReport fast = tomato::run_tomato(config, options);
      REQUIRE(fast.output_error.error_db());
      CHECK(*fast.output_error.error_db() < -25.0);
      CHECK(fast.numbers[1]->weights.vanished_share() < 0.05);
      REQUIRE(fast.values.size() == 4);
      for (const LayerValues& layer : fast.values) {
        INFO(layer.name);
        CHECK(*layer.error->error_db() < -25.0);
        CHECK(layer.raw.size() == layer.vectors * layer.elements());
      }
      CHECK(fast.values.back().raw.size() == 12);
      if (image == 1.0 && weight == 1.0) {
        config.engine = tomato::EngineKind::systemc;
        const tomato::TomatoReport clocked = tomato::run_tomato(config, options);
        for (std::size_t i = 0; i < fast.values.size(); ++i) {
          CHECK(clocked.values[i].raw == fast.values[i].raw);
        }
      }
    }
  }
}

TEST_CASE("values of a run of times alone are refused") {
  tomato::TomatoConfig config = test::shipped("residual", {"outputs=false"});
  tomato::TomatoEngineOptions options;
  options.values.kept = KeptValues::of_last_layer;
  CHECK_THROWS_WITH(tomato::run_tomato(config, options), Contains("--outputs") && Contains("outputs: true"));
}

namespace {

/// A convolution on three images of 4x4 pixels, then `layers`, as a run configuration.
std::string behind_convolution(const test::TemporaryFolder& folder, const std::string& layers) {
  const auto values = [](std::size_t count) {
    std::vector<float> list;
    for (std::size_t i = 0; i < count; ++i) {
      list.push_back(static_cast<float>((i * 37 + i / 7) % 101) / 50.0F - 1.0F);
    }
    return list;
  };
  test::write_npy(folder.file("x.npy"), "<f4", "(3, 4, 4, 2)", values(96));
  test::write_npy(folder.file("a.npy"), "<f4", "(3, 2, 3, 3)", values(54));
  test::write_npy(folder.file("b.npy"), "<f4", "(5, 48)", values(240));
  test::write_npy(folder.file("m.npy"), "<f4", "(48,)", values(48));
  test::write_npy(folder.file("v.npy"), "<f4", "(48,)", std::vector<float>(48, 2.0F));
  folder.write("n.yaml",
               "network:\n  layers:\n"
               "    - {name: in, kind: input, height: 4, width: 4, channels: 2}\n"
               "    - {name: a, kind: convolution, outputs: 3, kernel: 3, padding: 1, weights: {npy: a.npy, "
               "layout: out_in_kh_kw}}\n" +
                   layers + "data: {npy: x.npy}\n");
  return folder.write("run.yaml",
                      "architecture: {kind: tomato, defaults: {weights: 'fixed(12)', activations: "
                      "'fixed(12)'}}\nworkload: {network: n.yaml, frames: 3}\n");
}

}  // namespace

TEST_CASE("a flattened map keeps its order behind layers that leave it alone, and others are refused") {
  const std::string flatten = "    - {name: f, kind: flatten, order: chw}\n";
  const std::string relu = "    - {name: r, kind: relu}\n";
  const std::string connected = "    - {name: b, kind: fully_connected, outputs: 5, weights: {npy: b.npy}}\n";
  const std::string quantise =
      "    - {name: q, kind: elementwise, function: quantise, step: 0.0078125, lower: -2048, upper: 2047}\n";
  for (const std::string& layers :
       {flatten, flatten + relu, flatten + relu + connected, flatten + quantise + connected,
        flatten + "    - {name: g, kind: flatten, order: hwc}\n" + connected,
        flatten + relu + "    - {name: s, kind: add, inputs: [f, r]}\n" + connected}) {
    const test::TemporaryFolder folder;
    INFO(layers);
    tomato::TomatoEngineOptions options;
    options.values.reference = true;
    options.in_child_process = true;
    const tomato::TomatoReport report =
        tomato::run_tomato(tomato::load_tomato_config(behind_convolution(folder, layers)), options);
    REQUIRE(!report.values.empty());
    for (const LayerValues& layer : report.values) {
      INFO(layer.name);
      CHECK(*layer.error->error_db() < -40.0);
    }
    CHECK(*report.output_error.error_db() < -40.0);
  }
  for (const char* layer :
       {"{name: p, kind: max_pooling, kernel: 1}", "{name: p, kind: global_average_pooling}",
        "{name: p, kind: concat, inputs: [f, f]}",
        "{name: p, kind: batch_normalization, batch_normalization: {mean: m.npy, variance: v.npy}}",
        "{name: p, kind: convolution, outputs: 5, kernel: 1, weights: {generate: {}}}"}) {
    const test::TemporaryFolder folder;
    INFO(layer);
    const tomato::TomatoConfig config =
        tomato::load_tomato_config(behind_convolution(folder, flatten + "    - " + layer + "\n"));
    CHECK_THROWS_WITH(tomato::run_tomato(config, {}),
                      Contains("layer 'p': takes a flattened map of 4 x 4 pixels"));
  }
}

#include <fstream>
#include <regex>

#include <catch2/catch.hpp>

#include "sim/tomato/run_tomato.h"
#include "tests/models/tomato/timeline/run_difference.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

/// Runs a machine as hardware and on the fast engine, which equals SystemC; what differs, in words.
std::string hardware_difference(tomato::TomatoConfig config) {
  tomato::TomatoEngineOptions options;
  options.rtl_source_folder = tomato::rtl_sources(std::string(LACUNA_SOURCE_DIR) + "/models");
  options.rtl_cache_folder = LACUNA_RTL_TEST_CACHE;
  config.engine = tomato::EngineKind::timeline;
  const tomato::TomatoReport fast = tomato::run_tomato(config, options);
  config.engine = tomato::EngineKind::rtl;
  const tomato::TomatoReport hardware = tomato::run_tomato(config, options);
  CHECK(hardware.outputs_checksum == fast.outputs_checksum);
  return test::run_difference(fast.machine.pipeline, fast.result, hardware.result);
}

/// A shipped network with an eighth of its channels, and of 32 x 32 pixels.
std::string narrow_network(const std::string& name, const test::TemporaryFolder& folder) {
  const std::string text =
      test::read_whole(std::string(LACUNA_SOURCE_DIR) + "/configs/networks/" + name + ".yaml");
  const std::regex number("(outputs|groups|height|width): ([0-9]+)");
  std::string narrow;
  auto from = text.cbegin();
  for (std::sregex_iterator match(text.begin(), text.end(), number), end; match != end; ++match) {
    const bool side = (*match)[1] == "height" || (*match)[1] == "width";
    const int value = std::stoi((*match)[2]);
    narrow.append(from, (*match)[0].first);
    narrow += (*match)[1].str() + ": " + std::to_string(side ? 32 : value % 8 == 0 ? value / 8 : value);
    from = (*match)[0].second;
  }
  narrow.append(from, text.cend());
  std::ofstream(folder.file(name + ".yaml")) << narrow;
  return folder.file(name + ".yaml");
}

tomato::TomatoConfig narrow(const std::string& name, const test::TemporaryFolder& folder) {
  std::ofstream(folder.file("run.yaml")) << "architecture: {kind: tomato, clock_mhz: 200, size_fifos: true, "
                                            "defaults: {weights: shift(4), activations: "
                                            "\"fixed(8)\"}, balance: {target_cycles_per_frame: 20000}}\n"
                                            "workload: {network: \""
                                         << narrow_network(name, folder) << "\", data: random, frames: 2}\n";
  return tomato::load_tomato_config(folder.file("run.yaml"), {});
}

}  // namespace

TEST_CASE("LeNet-5 with its real weights on 16 images: hardware equals the engines") {
  CHECK(hardware_difference(test::shipped("lenet5")) == "");
}

TEST_CASE("LeNet-5 with pruned channels: hardware equals the engines") {
  CHECK(
      hardware_difference(test::shipped(
          "lenet5", {"architecture.layers=[{layer: conv1, keep_ratio: 0.25}, {layer: fc1, keep_ratio: 0.5}]",
                     "workload.frames=4", "architecture.balance.target_cycles_per_frame=40000"})) == "");
}

TEST_CASE("a residual block: hardware equals the engines") {
  CHECK(hardware_difference(test::shipped("residual")) == "");
}

TEST_CASE("fire modules cut over two devices: hardware equals the engines") {
  CHECK(hardware_difference(
            test::shipped("squeezenet-head", {"workload.frames=1", "architecture.devices=2",
                                              "architecture.balance.target_cycles_per_frame=100000"})) == "");
}

TEST_CASE("a chain of layers cut over two devices: hardware equals the engines") {
  CHECK(hardware_difference(
            test::shipped("lenet5", {"workload.frames=4", "architecture.devices=2",
                                     "architecture.balance.target_cycles_per_frame=10000"})) == "");
}

TEST_CASE("CifarNet at an eighth of its width: hardware equals the engines") {
  const test::TemporaryFolder folder;
  CHECK(hardware_difference(narrow("cifarnet", folder)) == "");
}

TEST_CASE("MobileNet-V1 at an eighth of its width on 32 x 32 pixels: hardware equals the engines") {
  const test::TemporaryFolder folder;
  CHECK(hardware_difference(narrow("mobilenet-v1", folder)) == "");
}

// Convolutions in groups and chosen channels, from a network to results.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "models/tomato/unit_traits.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/layer_hardware.h"
#include "sim/tomato/lowering.h"
#include "sim/tomato/resources.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/machine_case.h"

using namespace lacuna;

namespace {

NetworkLayer layer(const std::string& name, LayerKind kind, std::vector<std::size_t> inputs) {
  NetworkLayer result;
  result.name = name;
  result.kind = kind;
  result.inputs = std::move(inputs);
  return result;
}

/// A convolution with small integers as weights: a function of output, position in the kernel and channel.
template <class Weight>
NetworkLayer convolution(const std::string& name, std::size_t input, std::uint32_t outputs,
                         std::uint32_t groups, std::uint32_t kernel, std::uint32_t joined, Weight weight) {
  NetworkLayer result = layer(name, LayerKind::convolution, {input});
  result.shape.channels = outputs;
  result.groups = groups;
  result.window.height = result.window.width = kernel;
  auto weights = std::make_shared<LayerWeights>();
  for (std::uint32_t o = 0; o < outputs; ++o) {
    for (std::uint32_t i = 0; i < kernel; ++i) {
      for (std::uint32_t j = 0; j < kernel; ++j) {
        for (std::uint32_t c = 0; c < joined; ++c) {
          weights->values.push_back(static_cast<float>(static_cast<int>(weight(o, i, j, c) % 7) - 3));
        }
      }
    }
  }
  result.weights = std::move(weights);
  return result;
}

NetworkLayer channels_of(const std::string& name, std::size_t input, std::int64_t first,
                         std::vector<std::uint32_t> extents, std::vector<std::int64_t> strides) {
  NetworkLayer result = layer(name, LayerKind::rearrange, {input});
  result.shape = {extents[0], extents[1], 1};
  for (std::size_t k = 2; k < extents.size(); ++k) {
    result.shape.channels *= extents[k];
  }
  result.rearrangement = {first, std::move(extents), std::move(strides)};
  return result;
}

/// Three groups, a shuffle, and a split whose parts go through a plain and a grouped convolution.
Network split_network() {
  Network network;
  network.name = "split";
  network.layers.push_back(layer("image", LayerKind::input, {}));
  network.layers.back().shape = {4, 4, 6};
  NetworkLayer first = convolution(
      "first", 0, 6, 3, 3, 2, [](auto o, auto i, auto j, auto c) { return o * 5 + i * 3 + j * 7 + c * 2; });
  first.window.stride_height = first.window.stride_width = 2;
  first.window.top = first.window.bottom = first.window.left = first.window.right = 1;
  network.layers.push_back(first);
  network.layers.push_back(channels_of("shuffle", 1, 0, {2, 2, 2, 3}, {12, 6, 1, 2}));
  network.layers.push_back(channels_of("left", 2, 0, {2, 2, 2}, {12, 6, 1}));
  network.layers.push_back(channels_of("right", 2, 2, {2, 2, 4}, {12, 6, 1}));
  network.layers.push_back(
      convolution("plain", 3, 3, 1, 1, 2, [](auto o, auto, auto, auto c) { return o * 3 + c * 5; }));
  network.layers.push_back(
      convolution("grouped", 4, 4, 2, 1, 2, [](auto o, auto, auto, auto c) { return o * 4 + c * 3; }));
  network.layers.push_back(layer("join", LayerKind::concat, {5, 6}));
  infer_shapes(network);
  return network;
}

tomato::Pipeline integer_pipeline(const Network& network) {
  tomato::TomatoArchitecture architecture;
  for (const char* name : {"image", "first", "plain", "grouped"}) {
    tomato::LayerSettings& settings = architecture.layers.emplace_back();
    settings.layer = name;
    settings.activations = std::string(name) == "image" ? "dynamic_fixed(8, 0)" : "dynamic_fixed(16, 0)";
    settings.weights = std::string(name) == "image" ? "" : "dynamic_fixed(4, 0)";
  }
  tomato::LoweringOptions options;
  options.largest.outputs.assign(network.layers.size(), 1.0);
  return tomato::lower(network, tomato::layer_hardware(network, architecture), options).pipeline;
}

}  // namespace

TEST_CASE("groups, a shuffle and a split give the integers that NumPy gives") {
  const tomato::Pipeline pipeline = integer_pipeline(split_network());
  tomato::RunInput input;
  std::vector<std::int32_t>& pixels = input.pixels.emplace_back();
  for (std::int32_t y = 0; y < 4; ++y) {
    for (std::int32_t x = 0; x < 4; ++x) {
      for (std::int32_t c = 0; c < 6; ++c) {
        pixels.push_back((y * 5 + x * 3 + c * 7) % 11 - 5);
      }
    }
  }
  // x = fromfunction(lambda y, x, c: (y*5+x*3+c*7) % 11 - 5, (4, 4, 6)), w0, w1, w2 likewise, p = x padded by
  // one; y[r, q, o] = sum(p[2*r:2*r+3, 2*q:2*q+3, o//2*2:o//2*2+2] * w0[o]) s = y.reshape(2, 2, 3,
  // 2).transpose(0, 1, 3, 2).reshape(2, 2, 6) concatenate([s[..., :2] @ w1.T, s[..., 2:4] @ w2[:2].T, s[...,
  // 4:] @ w2[2:].T], -1)
  const std::vector<std::int64_t> expected = {-107, 8,   95,  129, -49, -18, 16, 86,  -26, -47,
                                              3,    -25, -21, 12,  -99, 30,  54, 162, -45, 58,
                                              -78,  -16, -14, 37,  -54, 57,  25, -38};
  const auto fast = tomato::make_timeline_engine(pipeline, {})->run(input).outputs;
  REQUIRE(fast.size() == 1);
  CHECK(fast.front() == expected);
  CHECK(tomato::make_forked_systemc_engine(pipeline, {})->run(input).outputs == fast);
}

TEST_CASE("layers in groups become engines of groups, slices and shuffles a choice of channels") {
  const tomato::Pipeline pipeline = integer_pipeline(split_network());
  std::vector<std::string> found;
  for (const tomato::Unit& unit : pipeline.units) {
    if (unit.name == unit.layer) {
      found.push_back(unit.name + " " + tomato::to_text(unit.kind) + " " + std::to_string(unit.groups));
    }
    if (unit.name == "shuffle") {
      CHECK(unit.selected == std::vector<std::uint32_t>{0, 2, 4, 1, 3, 5});
    }
    if (unit.name == "right") {
      CHECK(unit.selected == std::vector<std::uint32_t>{2, 3, 4, 5});
    }
  }
  CHECK(found == std::vector<std::string>{"image source 1", "first convolution 3", "shuffle select 1",
                                          "left select 1", "right select 1", "plain pointwise 1",
                                          "grouped pointwise 2", "join concat 1"});
}

TEST_CASE("a shuffle unit keeps to its target with sized FIFOs, in all that three computations can tell") {
  const tomato::TomatoConfig config = test::shipped("shuffle-unit");
  const tomato::TomatoReport report = tomato::run_tomato(config);
  // 14 x 14 tokens of four cycles: the fewest lanes that keep to 784.
  CHECK(report.result.cycles_per_frame() == 784.0);
  const auto unroll_of = [&](const std::string& name) {
    for (const tomato::Unit& unit : report.machine.pipeline.units) {
      if (unit.name == name) {
        return std::vector<std::uint32_t>{unit.unroll.input_channels, unit.unroll.output_channels};
      }
    }
    return std::vector<std::uint32_t>{};
  };
  // 16 outputs of four products each: 64 a token, 16 a cycle.
  CHECK(unroll_of("reduce") == std::vector<std::uint32_t>{4, 4});
  CHECK(unroll_of("expand") == std::vector<std::uint32_t>{4, 4});
  test::check_clocked_and_plain(config, report);
}

TEST_CASE("an engine of groups has the lanes of one with the channels of a group, and its weights") {
  const tomato::Device device =
      tomato::load_device(std::string(LACUNA_SOURCE_DIR) + "/configs/devices/zu9eg.yaml");
  const auto lanes_of = [&](std::uint32_t channels, std::uint32_t groups, std::uint64_t slices) {
    tomato::Pipeline pipeline;
    pipeline.units.resize(3);
    pipeline.units[0].name = "in";
    pipeline.units[0].map = {4, 4, channels};
    pipeline.units[0].format = NumberFormat::fixed(8, 7);
    pipeline.units[1].name = "engine";
    pipeline.units[1].kind = tomato::UnitKind::pointwise;
    pipeline.units[1].output_channels = 64;
    pipeline.units[1].groups = groups;
    pipeline.units[1].unroll = {4, 8, 1};
    pipeline.units[1].weights.format = NumberFormat::shift(4, 0);
    pipeline.units[2].name = "out";
    pipeline.units[2].kind = tomato::UnitKind::sink;
    pipeline.edges = {{0, 0, 1, 0, 2}, {1, 0, 2, 0, 2}};
    const tomato::Analysis analysis = tomato::analyse(pipeline, {});
    CHECK(tomato::stored_weights(pipeline.units[1], analysis.streams[0]) == 64 * 8);
    CHECK(tomato::operand_slices(pipeline.units[1], analysis.units[1]) == slices);
    return tomato::unit_resources(pipeline, analysis, device, {})[1].lanes;
  };
  // Eight outputs a group, so the lanes of a step work on one group, whose eight channels are two slices.
  CHECK(lanes_of(64, 8, 8 * 2) == 4 * 8);
  CHECK(lanes_of(8, 1, 2) == 4 * 8);
}

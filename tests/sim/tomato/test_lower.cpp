#include <memory>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "sim/tomato/layer_hardware.h"
#include "sim/tomato/lowering.h"
#include "tests/sim/tomato/configurations.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

constexpr std::uint32_t side = 2;
constexpr std::uint32_t channels = 3;
constexpr std::uint32_t hidden = 8;

float weight(std::uint32_t output, std::uint32_t pixel, std::uint32_t channel) {
  return static_cast<float>((output * 7 + pixel * 5 + channel * 11) % 13) / 8.0F - 0.75F;
}

/// Weights [output][input] of a fully connected layer behind a flatten of the given order.
LayerWeightsPointer flattened_weights(FlattenOrder order) {
  auto weights = std::make_shared<LayerWeights>();
  weights->values.resize(hidden * side * side * channels);
  for (std::uint32_t output = 0; output < hidden; ++output) {
    for (std::uint32_t pixel = 0; pixel < side * side; ++pixel) {
      for (std::uint32_t channel = 0; channel < channels; ++channel) {
        const std::uint32_t input =
            order == FlattenOrder::hwc ? pixel * channels + channel : channel * side * side + pixel;
        weights->values[output * side * side * channels + input] = weight(output, pixel, channel);
      }
    }
  }
  return weights;
}

NetworkLayer layer(const std::string& name, LayerKind kind, std::uint32_t outputs, std::size_t input) {
  NetworkLayer result;
  result.name = name;
  result.kind = kind;
  result.shape.channels = outputs;
  result.inputs = {input};
  return result;
}

/// The same function with its weights in either order.
Network flattened_network(FlattenOrder order) {
  Network network;
  network.name = "flattened";
  network.layers.push_back(layer("image", LayerKind::input, channels, 0));
  network.layers.back().inputs.clear();
  network.layers.back().shape = {side, side, channels};
  network.layers.push_back(layer("flatten", LayerKind::flatten, 0, 0));
  network.layers.back().order = order;
  network.layers.push_back(layer("fc", LayerKind::fully_connected, hidden, 1));
  network.layers.back().weights = flattened_weights(order);
  network.layers.push_back(layer("logits", LayerKind::fully_connected, 2, 2));
  auto last = std::make_shared<LayerWeights>();
  last->values.assign(2 * hidden, 0.5F);
  network.layers.back().weights = last;
  infer_shapes(network);
  return network;
}

tomato::Pipeline lowered(const Network& network, const tomato::TomatoArchitecture& architecture) {
  tomato::LoweringOptions options;
  options.largest.outputs.assign(network.layers.size(), 1.0);
  return tomato::lower(network, tomato::layer_hardware(network, architecture), options).pipeline;
}

tomato::TomatoArchitecture with_layer(const tomato::LayerSettings& settings) {
  tomato::TomatoArchitecture architecture;
  architecture.layers = {settings};
  return architecture;
}

}  // namespace

TEST_CASE(
    "weights behind a channels-first flatten, and those of a channel predictor, follow the order of the "
    "pixels") {
  tomato::LayerSettings pruned;
  pruned.layer = "fc";
  pruned.keep_ratio = 0.5;
  const tomato::Pipeline last = lowered(flattened_network(FlattenOrder::hwc), with_layer(pruned));
  const tomato::Pipeline first = lowered(flattened_network(FlattenOrder::chw), with_layer(pruned));
  REQUIRE(last.units.size() == first.units.size());
  std::size_t weighted = 0;
  for (std::size_t unit = 0; unit < last.units.size(); ++unit) {
    INFO(last.units[unit].name);
    CHECK(last.units[unit].weights.mantissas == first.units[unit].weights.mantissas);
    CHECK(last.units[unit].requantisation.offset == first.units[unit].requantisation.offset);
    weighted += last.units[unit].weights.mantissas.empty() ? 0 : 1;
  }
  CHECK(weighted == 3);  // predictor, fc, logits
}

TEST_CASE("settings that a layer's kind does not have are refused") {
  const auto refuses = [](const std::string& assignment, const std::string& part) {
    INFO(assignment);
    CHECK_THROWS_WITH(test::machine_of(test::shipped(
                          "squeezenet-head", {"outputs=false", "architecture.layers=[" + assignment + "]"})),
                      Contains(part) && Contains("has none"));
  };
  refuses("{layer: pool1, weights: fixed(8)}", "max_pooling");
  refuses("{layer: pool1, unroll_inputs: 2}", "unroll_inputs");
  refuses("{layer: fire2/concat, activations: fixed(8)}", "concat");
  refuses("{layer: fire2/conv1x1_1, unroll_kernel: 2}", "unroll_kernel");
  refuses("{layer: image, keep_ratio: 0.5}", "keep_ratio");
}

TEST_CASE("a rectifier's limit stays where the unit of the activations is coarse") {
  CHECK(tomato::rectifier_maximum(NumberFormat::dynamic_fixed(8, 5), 6.0) == 0);
  CHECK(tomato::rectifier_maximum(NumberFormat::dynamic_fixed(8, 4), 6.0) == 0);
  CHECK(tomato::rectifier_maximum(NumberFormat::dynamic_fixed(8, 3), 6.0) == 1);
  CHECK(tomato::rectifier_maximum(NumberFormat::dynamic_fixed(8, 0), 6.0) == 6);
  CHECK_FALSE(tomato::rectifier_maximum(NumberFormat::dynamic_fixed(8, -5), 6.0));  // ends at 127 / 32
}

TEST_CASE("a rectifier with the limit 0 gives zeros on both engines, one without a limit does not") {
  const auto outputs = [](std::optional<std::int64_t> maximum) {
    tomato::Pipeline pipeline;
    pipeline.name = "rectified";
    pipeline.units.resize(3);
    pipeline.units[0].name = "in";
    pipeline.units[0].map = {1, 2, 1};
    pipeline.units[0].format = NumberFormat::dynamic_fixed(8, 0);
    pipeline.units[1].name = "relu";
    pipeline.units[1].kind = tomato::UnitKind::requantise;
    pipeline.units[1].requantisation.format = NumberFormat::dynamic_fixed(8, 0);
    pipeline.units[1].requantisation.relu = true;
    pipeline.units[1].requantisation.maximum = maximum;
    pipeline.units[2].name = "out";
    pipeline.units[2].kind = tomato::UnitKind::sink;
    pipeline.edges = {{0, 0, 1, 0, 2}, {1, 0, 2, 0, 2}};
    tomato::RunInput input;
    input.pixels = {{-3, 5}};
    const auto fast = tomato::make_timeline_engine(pipeline, {})->run(input).outputs;
    CHECK(tomato::make_forked_systemc_engine(pipeline, {})->run(input).outputs == fast);
    return fast.front();
  };
  CHECK(outputs(0) == std::vector<std::int64_t>{0, 0});
  CHECK(outputs(4) == std::vector<std::int64_t>{0, 4});
  CHECK(outputs(std::nullopt) == std::vector<std::int64_t>{0, 5});
}

namespace {

/// Results of a layer of weight 1 and a quantise layer behind it, in mantissas, for inputs in sixteenths.
std::vector<std::int64_t> quantised(ElementFunction function, double lower, double upper,
                                    const std::vector<std::int64_t>& sixteenths) {
  Network network;
  network.name = "quantised";
  network.layers.push_back(layer("image", LayerKind::input, 1, 0));
  network.layers.back().inputs.clear();
  network.layers.back().shape = {1, static_cast<std::uint32_t>(sixteenths.size()), 1};
  network.layers.push_back(layer("one", LayerKind::convolution, 1, 0));
  auto weights = std::make_shared<LayerWeights>();
  weights->values = {1.0F};
  network.layers.back().weights = weights;
  network.layers.push_back(layer("quantise", LayerKind::elementwise, 1, 1));
  network.layers.back().element.function = function;
  network.layers.back().element.step = 0.25;
  network.layers.back().element.lower = lower;
  network.layers.back().element.upper = upper;
  infer_shapes(network);
  tomato::LayerSettings image;
  image.layer = "image";
  image.activations = "fixed(8, 3)";
  const tomato::Pipeline pipeline = lowered(network, with_layer(image));
  CHECK(pipeline.units.size() == 4);  // source, product, requantisation, sink: the quantise layer is a format
  tomato::RunInput input;
  input.pixels = {{sixteenths.begin(), sixteenths.end()}};
  const auto fast = tomato::make_timeline_engine(pipeline, {})->run(input).outputs;
  CHECK(tomato::make_forked_systemc_engine(pipeline, {})->run(input).outputs == fast);
  return fast.front();
}

}  // namespace

TEST_CASE("a quantise layer is the format of the layer before it") {
  using Values = std::vector<std::int64_t>;
  // In quarters: 0.5, 1.5, 2.5, 10, -0.75.
  CHECK(quantised(ElementFunction::quantise, 0, 7, {2, 6, 10, 40, -3}) == Values{0, 2, 2, 7, 0});
  CHECK(quantised(ElementFunction::quantise, -8, 7, {2, 6, 10, 40, -3, -40}) == Values{0, 2, 2, 7, -1, -8});
  // 0.5, 1.5, -0.25, -1, -10
  CHECK(quantised(ElementFunction::quantise_down, -8, 7, {2, 6, -1, -4, -40}) == Values{0, 1, -1, -1, -8});
  CHECK_THROWS_WITH(quantised(ElementFunction::quantise, -7, 7, {0}), Contains("'quantise': no format"));
}

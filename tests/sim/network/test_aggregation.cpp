#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/aggregation.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/write_network.h"
#include "tests/sim/data/import/write_npy.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

struct Expected {
  AttentionKind attention;
  Reduction reduction;
  std::uint32_t heads;
  std::vector<double> outputs;
};

/// Made with NumPy in double precision, from dense matrices.
const std::vector<Expected>& expected() {
  static const std::vector<Expected> all = {
      {AttentionKind::constant,
       Reduction::sum,
       1,
       {3, -0.75, 0.5, 2, 3, -0.75, 0.5, 2, 2.5, 0.25, 2.5, 3, 1.5, 1.25, 1, 4}},
      {AttentionKind::constant,
       Reduction::mean,
       1,
       {1, -0.25, 0.1666667, 0.6666667, 1, -0.25, 0.1666667, 0.6666667, 0.625, 0.0625, 0.625, 0.75, 0.75,
        0.625, 0.5, 2}},
      {AttentionKind::constant, Reduction::max, 1, {2, 1, 1, 3, 2, 1, 1, 3, 2, 1, 2, 3, 2, 1, 2, 3}},
      {AttentionKind::gcn,
       Reduction::sum,
       1,
       {0.9106836, -0.2611645, 0.2113249, 0.5326921, 0.9106836, -0.2611645, 0.2113249, 0.5326921, 0.6118984,
        0.1273783, 0.8901195, 0.8148783, 0.4571068, 0.5883883, 0.6464466, 1.56066}},
      {AttentionKind::gcn,
       Reduction::max,
       1,
       {0.5773503, 0.3333333, 0.3333333, 0.8660254, 0.5773503, 0.3333333, 0.3333333, 0.8660254, 0.5,
        0.3535534, 0.7071068, 0.75, 0.7071068, 0.5, 1, 1.06066}},
      {AttentionKind::gat,
       Reduction::sum,
       2,
       {1.61009, 0.1580481, -0.4446889, 1.889378, 1.452847, 0.007791798, -0.1553914, 1.310783, 1.434565,
        0.2280846, -0.3229541, 2.0083, 1.387287, 0.4338138, -0.6423912, 2.761594}},
      {AttentionKind::gat,
       Reduction::max,
       1,
       {1.898798, 0.2373497, 0.02530062, 2.848196, 1.582294, 0.1977867, 0.1044265, 2.373441, 1.8701,
        0.2337625, 0.03022735, 2.80515, 1.952909, 0.2441137, 0.0470907, 2.929364}},
      {AttentionKind::sym_gat,
       Reduction::sum,
       1,
       {1.987651, 0.2258097, -0.9821617, 2.964323, 1.941533, 0.1354657, -0.9155408, 2.831082, 1.987197,
        0.2258663, -0.9813976, 2.965273, 1.996518, 0.2510446, -0.9958214, 2.997214}},
      {AttentionKind::cos,
       Reduction::sum,
       2,
       {1.120039, 0.488919, 0.1209277, 0.7581445, 1.065592, -1.095572, 0.4093811, 0.1812377, 1.453721,
        -0.3125563, -0.1472567, 2.151277, 0.5945587, 0.6716324, -0.3318996, 2.5546}},
      {AttentionKind::linear,
       Reduction::mean,
       1,
       {0.4670034, -0.2480766, -0.05628272, 0.4458988, 0.4670034, -0.2480766, -0.05628272, 0.4458988,
        0.2643886, -0.1072748, 0.05574951, 0.3191712, 0.5998606, 0.2450418, -0.01983268, 1.179888}},
      {AttentionKind::gene_linear,
       Reduction::sum,
       1,
       {1.13443, -0.3837123, 0.04810406, 0.9037919, 1.302478, -0.4778086, -0.1140253, 1.228051, 1.176946,
        -0.1825374, 0.009521873, 1.371145, 1.786952, 0.3139143, -0.7443429, 2.829562}},
  };
  return all;
}

/// Nodes 0, 1, 2 in a triangle, and 3 beside 2; with self-loops.
std::shared_ptr<const Graph> small_graph() {
  return std::make_shared<const Graph>(make_graph(
      4, {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {0, 1}, {1, 0}, {1, 2}, {2, 1}, {2, 0}, {0, 2}, {2, 3}, {3, 2}}));
}

Tensor small_features() {
  Tensor features(TensorShape{4, 1, 4});
  features.values = {1, -2, 0.5F, 0, 0, 1, 1, -1, 2, 0.25F, -1, 3, -0.5F, 1, 2, 1};
  return features;
}

std::string refusal(const std::string& path) {
  try {
    load_network(path);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("every kind of attention and reduction, against NumPy") {
  const std::vector<float> weights = {0.5F,  -1.0F, 0.25F, 1.0F,   1.0F, 0.5F,
                                      -0.5F, 0.25F, 0.75F, -0.25F, 1.0F, -1.0F};
  for (const Expected& each : expected()) {
    INFO(attention_name(each.attention) << " " << reduction_name(each.reduction));
    NetworkLayer layer;
    layer.name = "a";
    layer.kind = LayerKind::aggregation;
    layer.shape = {4, 1, 4};
    layer.aggregation.attention = each.attention;
    layer.aggregation.reduction = each.reduction;
    layer.aggregation.heads = each.heads;
    layer.graph = small_graph();
    LayerWeights own;
    own.values.assign(weights.begin(),
                      weights.begin() + static_cast<std::ptrdiff_t>(4 * attention_rows(each.attention)));
    layer.weights = std::make_shared<const LayerWeights>(own);
    const Tensor output = aggregated_output(layer, small_features());
    REQUIRE(output.values.size() == each.outputs.size());
    for (std::size_t i = 0; i < each.outputs.size(); ++i) {
      CHECK(static_cast<double>(output.values[i]) == Approx(each.outputs[i]).margin(1e-5));
    }
  }
}

namespace {

/// A network of a transform and an aggregation with bias and ReLU, in files.
std::string pair_network(const test::TemporaryFolder& folder) {
  test::write_npy<float>(folder.file("w.npy"), "<f4", "(3, 4)", {1, 0, -1, 2, 0.5F, 1, 0, 0, 0, -1, 1, 1});
  test::write_npy<float>(folder.file("b.npy"), "<f4", "(3,)", {0.5F, -0.25F, 0});
  test::write_npy<float>(folder.file("x.npy"), "<f4", "(4, 4)",
                         {1, -2, 0.5F, 0, 0, 1, 1, -1, 2, 0.25F, -1, 3, -0.5F, 1, 2, 1});
  folder.write("edges.csv", "u,v\n0,1\n1,2\n0,2\n2,3\n");
  return folder.write(
      "n.yaml",
      "network:\n  graph: {edges: edges.csv}\n  layers:\n"
      "    - {name: in, kind: input, height: 4, channels: 4}\n"
      "    - {name: t, kind: convolution, kernel: 1, outputs: 3, weights: {npy: w.npy, layout: out_in}}\n"
      "    - {name: a, kind: aggregation, activation: relu, aggregation: {attention: gcn, bias: b.npy}}\n"
      "data: {npy: x.npy}\n");
}

Network loaded(const std::string& path) {
  Network network = load_network(path);
  load_weights(network, 1);
  return network;
}

}  // namespace

TEST_CASE("a transform and an aggregation give the same in either order") {
  const test::TemporaryFolder folder;
  const Network network = loaded(pair_network(folder));
  REQUIRE(can_change_places(network, 1));
  const Network changed = with_places_changed(network, 1);
  REQUIRE(changed.layers[1].kind == LayerKind::aggregation);
  CHECK(changed.layers[1].shape == TensorShape{4, 1, 4});
  CHECK(changed.layers[1].activation == Activation::none);
  CHECK(changed.layers[1].weights->bias.empty());
  CHECK(changed.layers[2].activation == Activation::relu);
  CHECK(changed.layers[2].name == "t");
  const Tensor written = Reference(network).run(small_features()).back();
  const Tensor other = Reference(changed).run(small_features()).back();
  REQUIRE(other.shape == written.shape);
  for (std::size_t i = 0; i < written.values.size(); ++i) {
    CHECK(static_cast<double>(other.values[i]) ==
          Approx(static_cast<double>(written.values[i])).margin(1e-5));
  }
  // Behind an activation, or where attention sees the features, the order is part of the network.
  Network fixed = network;
  fixed.layers[1].activation = Activation::relu;
  CHECK(!can_change_places(fixed, 1));
  fixed = network;
  fixed.layers[2].aggregation.attention = AttentionKind::gat;
  CHECK(!can_change_places(fixed, 1));
  fixed = network;
  fixed.layers[2].aggregation.reduction = Reduction::max;
  CHECK(!can_change_places(fixed, 1));
}

TEST_CASE("a graph network that is written reads back the same") {
  const test::TemporaryFolder folder;
  const Network network = loaded(pair_network(folder));
  write_network(network, std::nullopt, folder.file("out"));
  const Network again = loaded(folder.file("out/network.yaml"));
  CHECK(again.layers[2].graph->neighbours == network.layers[2].graph->neighbours);
  CHECK(again.layers[2].aggregation.attention == AttentionKind::gcn);
  CHECK(Reference(again).run(small_features()).back().values ==
        Reference(network).run(small_features()).back().values);
}

TEST_CASE("aggregations that cannot be are refused") {
  const test::TemporaryFolder folder;
  folder.write("edges.csv", "u,v\n0,1\n");
  const auto refused = [&](const std::string& graph, const std::string& aggregation,
                           const std::string& shape) {
    return refusal(folder.write(
        "bad.yaml", "network:\n" + graph + "  layers:\n    - {name: in, kind: input, " + shape +
                        "}\n    - {name: a, kind: aggregation, aggregation: {" + aggregation + "}}\n"));
  };
  const std::string graph = "  graph: {edges: edges.csv}\n";
  const auto says = [](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  says(refused("", "attention: gcn", "height: 2, channels: 4"), "there is no graph to aggregate over");
  says(refused(graph, "attention: gat", "height: 2, channels: 4"), "aggregation.npy: is missing");
  says(refused(graph, "attention: gcn, generate: true", "height: 2, channels: 4"),
       "aggregation.npy: has no meaning");
  says(refused(graph, "attention: gcn, heads: 2", "height: 2, channels: 4"),
       "aggregation.heads: has no meaning");
  says(refused(graph, "attention: gat, heads: 3, generate: true", "height: 2, channels: 4"),
       "3 heads of 4 channels");
  says(refused(graph, "attention: gcn", "height: 2, width: 2, channels: 4"), "takes features of nodes");
}

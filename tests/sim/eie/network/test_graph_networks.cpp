#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/network/prepared_network.h"
#include "sim/eie/network/run_network.h"
#include "sim/graph/block_model.h"
#include "sim/graph/graph_file.h"
#include "tests/sim/data/import/write_npy.h"
#include "tests/sim/eie/network/network_runs.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using test::layer_of;

namespace {

constexpr std::uint32_t nodes = 120;
constexpr std::uint32_t words = 24;

BlockModel small_model() {
  BlockModel model;
  model.nodes = nodes;
  model.blocks = 3;
  model.degree = 5.0;
  model.hub_power = 2;
  model.features = words;
  model.active = 5;
  model.train = 5;
  model.validation = 20;
  model.test = 40;
  return model;
}

/// Writes a block model and a network of these layers over it. Returns a run configuration of 8 PEs.
std::string written(const test::TemporaryFolder& folder, const std::string& layers) {
  const BlockModel model = small_model();
  write_block_graph(model, make_block_graph(model), folder.path());
  folder.write("n.yaml",
               fmt::format("network:\n  graph: {{edges: edges.csv}}\n  layers:\n"
                           "    - {{name: in, kind: input, height: {}, channels: {}}}\n{}"
                           "data: {{matrix: features.mtx, node_labels: labels.csv, split: split.csv}}\n",
                           nodes, words, layers));
  return folder.write("run.yaml",
                      "architecture: {kind: eie, pe_count: 8, codebook_index_bits: 8}\n"
                      "workload: {network: n.yaml}\nengine: timeline\n");
}

const std::string gcn_layers =
    "    - {name: t1, kind: convolution, kernel: 1, outputs: 6, weights: {generate: {bias: false}}}\n"
    "    - {name: a1, kind: aggregation, aggregation: {attention: gcn}, activation: relu}\n"
    "    - {name: t2, kind: convolution, kernel: 1, outputs: 3, weights: {generate: {bias: false}}}\n"
    "    - {name: a2, kind: aggregation, aggregation: {attention: gcn}}\n";

RunReport run(const std::string& path, std::vector<std::string> assignments = {}, std::size_t threads = 1) {
  return test::run_network_file(path, std::move(assignments), threads, KeptValues::of_all_layers);
}

const LayerValues& values_of(const RunReport& report, const std::string& name) {
  const auto found = std::find_if(report.values.begin(), report.values.end(),
                                  [&](const LayerValues& each) { return each.name == name; });
  REQUIRE(found != report.values.end());
  return *found;
}

Graph graph_of(const test::TemporaryFolder& folder) {
  GraphSource source;
  source.edges.resolved = folder.file("edges.csv");
  return load_graph(source, nodes);
}

/// The contract's arithmetic, section 2, written out again: halves go up.
std::int64_t shifted(std::int64_t value, int by) {
  return by <= 0 ? value * (std::int64_t{1} << -by) : (value + (std::int64_t{1} << (by - 1))) >> by;
}

std::int64_t clipped(std::int64_t value, int width) {
  const std::int64_t end = std::int64_t{1} << (width - 1);
  return std::clamp(value, -end, end - 1);
}

/// The aggregation of GCN in the machine's integers, from dense loops over the graph.
std::vector<std::int64_t> plain_aggregation(const Graph& graph, const LayerReport& layer, bool relu,
                                            const std::vector<std::int64_t>& input) {
  const eie::LayerFormats& f = layer.formats;
  const std::size_t channels = input.size() / nodes;
  const int product_shift =
      f.weight.fraction_bits() + f.activation.fraction_bits() - f.accumulator.fraction_bits();
  std::vector<std::int64_t> outputs(input.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t node = 0; node < nodes; ++node) {
      std::int64_t sum = 0;
      for (std::uint64_t i = graph.starts[node]; i < graph.starts[node + 1]; ++i) {
        const std::uint32_t neighbour = graph.neighbours[i];
        const double coefficient = static_cast<double>(
            static_cast<float>(1.0 / std::sqrt(static_cast<double>(graph.degree(node)) *
                                               static_cast<double>(graph.degree(neighbour)))));
        const std::int64_t weight = clipped(
            static_cast<std::int64_t>(std::floor(std::ldexp(coefficient, f.weight.fraction_bits()) + 0.5)),
            f.weight.width_bits);
        const std::int64_t value = input[neighbour * channels + c];
        if (value != 0) {
          sum = clipped(sum + shifted(weight * value, product_shift), f.accumulator.width_bits);
        }
      }
      std::int64_t output = clipped(shifted(sum, f.accumulator.fraction_bits() - f.output.fraction_bits()),
                                    f.output.width_bits);
      outputs[node * channels + c] = relu ? std::max<std::int64_t>(output, 0) : output;
    }
  }
  return outputs;
}

}  // namespace

TEST_CASE("a graph convolutional network on EIE: values of plain integers, SystemC as the timeline") {
  const test::TemporaryFolder folder;
  const RunReport report = run(written(folder, gcn_layers), {"workload.lowering.check_vectors=3"}, 2);
  REQUIRE(report.network);
  CHECK(report.network->checked_vectors == 12);
  CHECK(report.network->check_failures.empty());
  REQUIRE(report.layers.size() == 4);
  CHECK(layer_of(report, "t1").sums.vectors == nodes);
  CHECK(layer_of(report, "a1").sums.vectors == 6);
  CHECK(layer_of(report, "a2").sums.vectors == 3);
  const Graph graph = graph_of(folder);
  CHECK(layer_of(report, "a1").true_nonzeros == graph.entries());
  CHECK(layer_of(report, "a1").network->lowering == "adjacency");
  CHECK(layer_of(report, "a1").network->host.total() == 0);
  // Fewer than 255 pairs of degrees: the codebook holds each coefficient as it is.
  CHECK(layer_of(report, "a1").network->sharing_largest_error == 0.0);
  CHECK(values_of(report, "a1").raw ==
        plain_aggregation(graph, layer_of(report, "a1"), true, values_of(report, "t1").raw));
  CHECK(values_of(report, "a2").raw ==
        plain_aggregation(graph, layer_of(report, "a2"), false, values_of(report, "t2").raw));
  CHECK(report.network->labelled == 40);
  CHECK(report.network->reference_labelled == 40);
  CHECK(report.network->largest_output_error < 0.02);
}

TEST_CASE("attention by features on EIE: coefficients are the host's, counted, sums are the machine's") {
  const test::TemporaryFolder folder;
  const std::string config = written(
      folder,
      "    - {name: t1, kind: convolution, kernel: 1, outputs: 8, weights: {generate: {bias: false}}}\n"
      "    - {name: a1, kind: aggregation, aggregation: {attention: gat, heads: 2, generate: true}}\n"
      "    - {name: e, kind: elementwise, function: elu}\n"
      "    - {name: t2, kind: convolution, kernel: 1, outputs: 3, weights: {generate: {bias: false}}}\n"
      "    - {name: a2, kind: aggregation, aggregation: {attention: sym_gat, generate: true}}\n");
  // Its matrix is another for each input: a memory outside would load it anew each time.
  CHECK_THROWS_WITH(run(config, {"memory.latency_ns=50"}),
                    Catch::Contains("layer a1 has attention by features"));
  const RunReport report = run(config, {"workload.lowering.check_vectors=2"});
  CHECK(report.network->check_failures.empty());
  CHECK(report.network->checked_vectors == 2 + 4 + 2 + 2);
  CHECK(report.network->largest_output_error < 0.05);
  const LayerReport& gat = layer_of(report, "a1");
  CHECK(gat.network->products == 2);
  CHECK(gat.sums.vectors == 8);
  const std::uint64_t entries = graph_of(folder).entries();
  CHECK(gat.true_nonzeros == 2 * entries);
  // Two products of 8 channels for each node; for each entry and head a sum, a leaky ReLU and the softmax.
  CHECK(gat.network->host.additions == 2 * nodes * 8 + 2 * entries * 3);
  CHECK(gat.network->host.multiplications == 2 * nodes * 8 + 2 * entries * 2);
  CHECK(gat.network->host.comparisons == 2 * entries * 2);
  CHECK(gat.network->host.exponentials == 2 * entries);
}

TEST_CASE("the largest neighbour is the host's work") {
  const test::TemporaryFolder folder;
  const RunReport report = run(written(
      folder,
      "    - {name: t1, kind: convolution, kernel: 1, outputs: 4, weights: {generate: {bias: false}}}\n"
      "    - {name: a1, kind: aggregation, aggregation: {attention: const, reduction: max}}\n"));
  REQUIRE(report.network->host_layers.size() == 1);
  const Graph graph = graph_of(folder);
  CHECK(report.network->host_layers[0].network.host.total() == 4 * (graph.entries() - nodes));
  const std::vector<std::int64_t>& input = values_of(report, "t1").raw;
  const int shift = values_of(report, "t1").unit_exponent - values_of(report, "a1").unit_exponent;
  REQUIRE(shift == 0);
  for (std::size_t node = 0; node < nodes; ++node) {
    for (std::size_t c = 0; c < 4; ++c) {
      std::int64_t most = INT64_MIN;
      for (std::uint64_t i = graph.starts[node]; i < graph.starts[node + 1]; ++i) {
        most = std::max(most, input[graph.neighbours[i] * 4 + c]);
      }
      CHECK(values_of(report, "a1").raw[node * 4 + c] == most);
    }
  }
}

TEST_CASE("the order of transform and aggregation is that of fewer cycles") {
  const test::TemporaryFolder folder;
  const auto layers = [](int outputs) {
    return fmt::format(
        "    - {{name: t, kind: convolution, kernel: 1, outputs: {}, weights: {{generate: {{bias: "
        "false}}}}}}\n"
        "    - {{name: a, kind: aggregation, aggregation: {{attention: gcn}}, activation: relu}}\n",
        outputs);
  };
  // Of 24 sparse channels to 4: the aggregation is cheaper behind the transform. To 96: before it.
  for (const bool wide : {false, true}) {
    const std::string config = written(folder, layers(wide ? 96 : 4));
    const RunReport as_written = run(config);
    const RunReport cheapest = run(config, {"workload.lowering.aggregation_order=cheapest"});
    CHECK(as_written.network->orders.empty());
    REQUIRE(cheapest.network->orders.size() == 1);
    const OrderChoice& order = cheapest.network->orders[0];
    CHECK(order.first == "t");
    CHECK(order.second == "a");
    CHECK(order.changed == wide);
    CHECK(order.written_cycles == as_written.total.sums.cycles);
    CHECK(cheapest.total.sums.cycles == std::min(order.written_cycles, order.changed_cycles));
    CHECK(cheapest.layers[0].name == (wide ? "a" : "t"));
  }
}

TEST_CASE("features that do not belong to the network's nodes are refused") {
  const test::TemporaryFolder folder;
  const std::string config = written(folder, gcn_layers);
  folder.write("features.mtx", "%%MatrixMarket matrix coordinate pattern general\n119 24 1\n1 1\n");
  CHECK_THROWS_WITH(run(config), Catch::Matchers::Contains("is a matrix of 119x24"));
  folder.write("features.mtx", "%%MatrixMarket matrix coordinate pattern general\n120 24 1\n1 1\n");
  CHECK_NOTHROW(run(config));
  folder.write("edges.csv", "u,v\n0,120\n");
  CHECK_THROWS_WITH(run(config), Catch::Matchers::Contains("nodes from 0 to 119"));
}

namespace {

/// The graph network behind a rounding of the features.
std::string rounded_layers(const std::string& step, std::uint32_t outputs) {
  return fmt::format(
      "    - {{name: r, kind: elementwise, function: quantise, step: {}, lower: -128, upper: 127}}\n"
      "    - {{name: t1, kind: convolution, kernel: 1, outputs: {}, weights: {{generate: {{bias: true}}}}}}\n"
      "    - {{name: a1, kind: aggregation, aggregation: {{attention: gcn}}, activation: relu}}\n",
      step, outputs);
}

void check_same(const FrameCost& cost, const FrameCost& expected) {
  CHECK(cost.cycles == expected.cycles);
  CHECK(cost.energy_pj == expected.energy_pj);
  REQUIRE(cost.layers.size() == expected.layers.size());
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    CHECK(cost.layers[i].cycles == expected.layers[i].cycles);
    CHECK(cost.layers[i].energy_pj == expected.layers[i].energy_pj);
  }
}

}  // namespace

TEST_CASE("a machine that has run networks with the same features runs the next as a new one does") {
  const test::TemporaryFolder folder;
  std::vector<RunConfig> configs;
  std::vector<LoadedNetwork> loaded;
  for (const auto& [step, outputs] : std::vector<std::pair<std::string, std::uint32_t>>{{"0.25", 6},
                                                                                        {"0.0625", 6},
                                                                                        {"0.25", 9},
                                                                                        {"0.25", 2},
                                                                                        {"0.0625", 3},
                                                                                        {"1", 4},
                                                                                        {"2", 4},
                                                                                        {"3", 4}}) {
    configs.push_back(load_run_config(written(folder, rounded_layers(step, outputs))));
    loaded.push_back(load_network_workload(configs.back().workload, 1));
  }
  const std::unique_ptr<NetworkMachine> machine = make_network_machine(configs.front());
  for (const bool other_features : {false, true, false}) {
    for (const LoadedNetwork& each : loaded) {
      Tensor features = each.images.image(0);
      features.values.front() += other_features ? 3.0F : 0.0F;
      check_same(machine->measure(each.network, {features}),
                 make_network_machine(configs.front())->measure(each.network, {features}));
    }
  }
}

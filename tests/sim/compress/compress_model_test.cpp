#include "sim/compress/compress_model.h"

#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/compress/compression_report.h"
#include "sim/compress/layer_trace.h"
#include "sim/compress/model.h"
#include "sim/compress/network_model.h"
#include "sim/data/import/han_net.h"
#include "sim/eie/run/timeline_layer.h"
#include "tests/data_folder.h"
#include "tests/file_bytes.h"

using namespace lacuna;

namespace {

const std::string source = LACUNA_SOURCE_DIR;

/// A layer whose rows are of different scales, so that magnitude pruning fills the PEs unevenly.
ModelLayer uneven_layer(std::uint32_t outputs, std::uint32_t inputs, std::uint32_t vectors) {
  boost::random::mt19937 random(17);
  const auto uniform = [&random] { return static_cast<double>(random()) / 2147483648.0 - 1.0; };
  ModelLayer layer;
  layer.name = "uneven";
  layer.weights.shape = {outputs, inputs};
  for (std::uint32_t i = 0; i < outputs * inputs; ++i) {
    layer.weights.values.push_back(static_cast<float>(uniform() * (i / inputs % 8 == 3 ? 3.0 : 1.0)));
  }
  layer.activations = {vectors, inputs, {}};
  for (std::uint32_t i = 0; i < vectors * inputs; ++i) {
    layer.activations.values.push_back(random() % 3 == 0 ? static_cast<float>(std::fabs(uniform())) : 0.0F);
  }
  return layer;
}

LayerSettings settings(double density, std::optional<std::uint32_t> balance_pe_count) {
  LayerSettings result;
  result.prune.rule = PruneRule::density;
  result.prune.value = density;
  result.prune.balance_pe_count = balance_pe_count;
  return result;
}

}  // namespace

TEST_CASE("load-balance-aware pruning saves cycles at the same density, and both are measured") {
  Model model;
  model.layers.push_back(uneven_layer(64, 128, 2));
  CompressionOptions options;
  options.machine_for = [](std::uint32_t pe_count, std::uint32_t index_bits) {
    return make_layer_machine(roomy_machine(pe_count, index_bits));
  };
  const CompressionResult result = compress_model(model, {settings(0.2, 8)}, options);
  const LayerResult& layer = result.layers.front();
  REQUIRE(layer.machine);
  REQUIRE(layer.machine->unbalanced);
  CHECK(layer.machine->pe_count == 8);
  CHECK(layer.storage.nonzeros == 1638);
  CHECK(layer.machine->cost.cycles < layer.machine->unbalanced->cycles * 9 / 10);
  CHECK(layer.machine->cost.load_balance_efficiency > layer.machine->unbalanced->load_balance_efficiency);
  CHECK(layer.quality->output_error > layer.machine->unbalanced_quality->output_error);
  const auto& spread = layer.machine->cost;
  CHECK(spread.most_pe_entries - spread.least_pe_entries < 10);
}

TEST_CASE("nothing pruned and enough codes change nothing") {
  Model model;
  model.layers.push_back(uneven_layer(4, 6, 3));
  LayerSettings keep;
  keep.representation.bits = 8;
  const CompressionResult result = compress_model(model, {keep}, {});
  CHECK(result.layers[0].quality->output_error == 0.0);
  CHECK(expand(result.layers[0].compressed).values == model.layers[0].weights.values);
  CHECK(!result.layers[0].machine);
}

TEST_CASE("errors carry the layer's name") {
  Model model;
  model.layers.push_back(uneven_layer(4, 6, 1));
  LayerSettings bad;
  bad.representation.kind = Representation::shift;
  bad.representation.bits = 8;
  CHECK_THROWS_WITH(compress_model(model, {bad}, {}), Catch::StartsWith("uneven: "));
}

TEST_CASE("layers that are compressed side by side give the same, and the first that fails is named") {
  Model model;
  for (std::uint32_t i = 0; i < 5; ++i) {
    model.layers.push_back(uneven_layer(32 + 8 * i, 64, 2));
    model.layers.back().name = "layer" + std::to_string(i);
  }
  std::vector<LayerSettings> chosen(5, settings(0.2, std::nullopt));
  CompressionOptions options;
  options.compare_initialisations = true;
  options.machine = make_layer_machine(roomy_machine(4, 4));
  std::vector<std::string> announced;
  options.progress = [&announced](const std::string& layer) { announced.push_back(layer); };
  const std::string one = compression_json(compress_model(model, chosen, options), {}).dump();
  for (const std::size_t threads : {2, 8}) {
    options.threads = threads;
    CHECK(compression_json(compress_model(model, chosen, options), {}).dump() == one);
  }
  CHECK(announced.size() == 15);
  for (const std::size_t bad : {2, 3, 4}) {
    chosen[bad].representation.kind = Representation::shift;
    chosen[bad].representation.bits = 8;
  }
  CHECK_THROWS_WITH(compress_model(model, chosen, options), Catch::StartsWith("layer2: "));
}

TEST_CASE("a compressed layer runs as a trace with biases in the codebook") {
  ModelLayer model = uneven_layer(8, 16, 1);
  const RepresentedWeights represented = represent_weights(model.weights.values, {});
  CompressedLayer layer = compress_layer("x", model.weights.shape, represented.code, represented.codes, 4);
  CHECK(trace_of(layer, model.activations, {}).codebook.size() <= 16);
  layer.biases = std::vector<float>(8, 0.0F);
  for (std::size_t i = 0; i < 8; ++i) {
    layer.biases[i] = 0.1F * static_cast<float>(i);
  }
  const Trace trace = trace_of(layer, model.activations, {});
  CHECK(trace.has_bias);
  CHECK(trace.inputs() == 16);
  CHECK(trace.codebook.size() <= 16);  // still what four bits can say
  CHECK(trace.matrix.column_starts[17] - trace.matrix.column_starts[16] == 7);
  const WeightTensor weights = expand(layer);
  for (std::uint32_t column = 0; column < 16; ++column) {
    for (auto i = trace.matrix.column_starts[column]; i < trace.matrix.column_starts[column + 1U]; ++i) {
      const double original = static_cast<double>(weights.values[trace.matrix.row_indices[i] * 16U + column]);
      CHECK(static_cast<double>(trace.codebook[trace.matrix.codes[i]]) == Approx(original).margin(0.3));
    }
  }
}

TEST_CASE("the pruned LeNet-5 keeps its classes at five bits, and its storage is as counted") {
  const NetworkModel network(source + "/configs/networks/lenet5.yaml", 64);
  const Model model = network.model();
  REQUIRE(model.layers.size() == 4);
  REQUIRE(model.accuracy);
  LayerSettings five;
  five.representation.bits = 5;
  const CompressionResult result = compress_model(model, std::vector<LayerSettings>(4, five), {});
  CHECK(result.original->correct == 16);
  CHECK(result.compressed->correct == 16);
  CHECK(result.total.weights == 430500);
  CHECK(result.total.nonzeros == 3859);  // of the data's README
  const std::string text = compression_text(result, {}, {});
  CHECK_THAT(text, Catch::Contains("16/16 right before, 16/16 after"));
  // Sensitivity: a layer pruned to nearly nothing spoils the network, to its own density it does not.
  const auto points = scan_sensitivity(model, std::vector<LayerSettings>(4), {0.001, 1.0}, {});
  REQUIRE(points.size() == 8);
  CHECK(points[0].network->correct < 8);
  CHECK(points[1].network->correct == 16);
  CHECK(points[1].quality->output_error == 0.0);
  CHECK(points[1].density == Approx(0.32));
}

TEST_CASE("convolutions of a network as matrices give the outputs of the network") {
  const NetworkModel network(source + "/configs/networks/lenet5.yaml", 64);
  const Model model = network.model();
  const ModelLayer& conv1 = model.layers[1];
  CHECK(conv1.weights.shape == std::vector<std::uint32_t>{50, 20, 5, 5});
  CHECK(conv1.activations.inputs == 500);
  CHECK(conv1.activations.vectors == 64);
  CHECK(network
            .with_weights(
                {model.layers[0].weights, conv1.weights, model.layers[2].weights, model.layers[3].weights})
            .layers[3]
            .weights->values == network.network().layers[3].weights->values);
}

TEST_CASE("Han's SqueezeNet gives his own entry counts, and Huffman coding what it saves") {
  const std::string path = source + "/traces/squeezenet/compressed_SqueezeNet.net";
  const Model model = read_weights(path, {});
  LayerSettings han;
  han.representation.bits = 8;
  const CompressionResult result = compress_model(model, std::vector<LayerSettings>(26, han), {});
  CHECK(result.total.stored_entries == 422083);
  CHECK(result.total.padding_entries == 6162);
  const auto theirs = read_han_net(path, squeezenet_shapes());
  for (std::size_t i = 0; i < 26; ++i) {
    INFO(theirs[i].shape.name);
    CHECK(result.layers[i].storage.stored_entries == theirs[i].stored_entries);
    CHECK(result.layers[i].storage.padding_entries == theirs[i].padding_entries);
    CHECK(expand(result.layers[i].compressed).values == model.layers[i].weights.values);
  }
  // His file has a count of 32 bits more for each layer, and rounds the gaps of each layer up to bytes.
  std::uint64_t odd_layers = 0;
  for (const HanNetLayer& layer : theirs) {
    odd_layers += layer.stored_entries % 2;
  }
  CHECK(result.total.fixed_bits() + 26 * 32 + 4 * odd_layers == 8 * 675763);
  CHECK((result.total.huffman_bits() + 7) / 8 == 559736);  // of each stream the shorter form
  CHECK(result.total.entropy_weight_bits <= static_cast<double>(result.total.huffman_weight_bits));
}

TEST_CASE("published rows are read, and a network that is not there is named") {
  const std::string path = source + "/configs/reference/deep_compression_lenet.csv";
  const auto rows = read_published_storage(path, "LeNet-5");
  REQUIRE(rows.size() == 5);
  CHECK(rows[1].layer == "conv2");
  CHECK(rows[1].kept == Approx(0.12));
  CHECK(rows[1].size_huffman == Approx(0.0528));
  CHECK_THROWS_WITH(read_published_storage(path, "LeNet-6"), Catch::Contains("LeNet-6"));
}

TEST_CASE("models and files that belong to none are refused") {
  const test::TemporaryFolder folder;
  const std::string weights = source + "/traces/lenet5/fc1_weights.npy";
  const std::string han_net = source + "/traces/squeezenet/compressed_SqueezeNet.net";
  const auto refused = [](const std::string& path, const LayerFiles& files) {
    return test::message_of<Error>([&] { read_weights(path, files); });
  };
  CHECK_THAT(refused("model.pt", {}), Catch::Contains("\".pt\" is not the ending of a model"));
  CHECK_THAT(refused(weights, {"", "", "labels.npy"}), Catch::Contains("are given without activations"));
  CHECK_THAT(refused(han_net, {"b.npy", "", ""}), Catch::Contains("belong to single layers"));
  const std::string network = folder.write(
      "n.yaml", "network: {layers: [{name: in, kind: input, channels: 3}, {name: r, kind: relu}]}\n");
  CHECK_THAT(test::message_of<ConfigurationError>([&network] { NetworkModel(network, 1); }),
             Catch::Contains("no layer has weights to compress"));
}

TEST_CASE("layers that no trace can hold are refused") {
  const auto refused = [](const CompressedLayer& layer) {
    return test::message_of<InputDataError>([&layer] { trace_of(layer, {}, {}); });
  };
  WeightCode code;
  code.format = NumberFormat::fixed(10, 0);
  std::vector<std::uint16_t> codes(300);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::uint16_t>(i + 1);
  }
  CHECK_THAT(refused(compress_layer("many", {1, 300}, code, codes, 4)),
             Catch::Contains("300 different weights"));
  CompressedLayer wide = compress_layer("wide", {1, 300}, code, codes, 4);
  wide.shape = {1, (1U << 24) + 1};
  CHECK_THAT(refused(wide), Catch::Contains("16777217 columns"));
}

#include <algorithm>
#include <cmath>
#include <utility>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"
#include "sim/eie/report/eie_result.h"
#include "sim/eie/report/text_report.h"
#include "sim/report/result_json.h"
#include "sim/report/text_formats.h"
#include "tests/file_bytes.h"
#include "tests/sim/data/import/write_npy.h"
#include "tests/sim/eie/network/network_runs.h"
#include "tests/sim/network/small_networks.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using test::layer_of;
using test::run_network_file;

namespace {

const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs/";

}  // namespace

TEST_CASE("LeNet-5 on the published machine reads sixteen digits") {
  const RunReport report =
      run_network_file(configs + "lenet5-network.yaml", {"workload.lowering.check_vectors=2"});
  REQUIRE(report.network);
  CHECK(report.network->correct == 16);
  CHECK(report.network->reference_correct == 16);
  CHECK(report.network->largest_output_error < 0.02);
  CHECK(report.network->checked_vectors == 6);  // two of each convolution, the only one of each other layer
  CHECK(report.network->check_failures.empty());
  REQUIRE(report.layers.size() == 4);
  CHECK(report.layers[0].sums.vectors == 16 * 24 * 24);
  CHECK(report.layers[1].sums.vectors == 16 * 8 * 8);
  CHECK(report.layers[1].network->input_density == Approx(0.368).margin(0.003));
  CHECK(report.layers[2].network->input_density == Approx(0.295).margin(0.01));
  // Between the two fully connected layers the register files swap.
  CHECK(report.layers[2].network->traffic.words_in == 16 * 800);
  CHECK(report.layers[2].network->traffic.words_out == 0);
  CHECK(report.layers[3].network->traffic.words_in == 0);
  CHECK(report.layers[3].network->traffic.words_out == 16 * 10);
  CHECK(report.total.energy->total_pj() > 0.0);
}

TEST_CASE("every kind of layer, near the floating-point network") {
  const test::TemporaryFolder folder;
  const std::string path = test::every_kind(folder);
  for (const std::string lowering : {"im2col", "kernel_offsets", "winograd"}) {
    INFO(lowering);
    const RunReport report = run_network_file(
        path, {"workload.lowering.convolution=" + lowering, "workload.lowering.check_vectors=3"});
    CHECK(report.network->check_failures.empty());
    CHECK(report.network->checked_vectors > 0);
    CHECK(report.network->largest_output_error < 0.02);
    CHECK(report.network->best[0][0].index == report.network->reference_best[0][0].index);
    const NetworkLayerReport& a = *layer_of(report, "a").network;
    CHECK(a.lowering == lowering);
    CHECK(a.products == (lowering == "im2col" ? 1U : lowering == "winograd" ? 16U : 9U));
    // Every gathered element is a word: 64 windows of 18; 9 places less the 2 * 9 * 8 - 8 pixels outside; 16
    // patches of 16 places.
    const std::uint64_t words = lowering == "im2col"     ? 64 * 18
                                : lowering == "winograd" ? 16 * 16 * 2
                                                         : 484 * 2;
    CHECK(a.traffic.words_in == 2 * words);
    CHECK(a.traffic.distinct_words == 2 * 128);
    CHECK((a.host.additions > 0) == (lowering != "im2col"));
  }
}

TEST_CASE("the number of threads changes nothing") {
  const test::TemporaryFolder folder;
  const std::string path = test::every_kind(folder);
  const RunConfig config = load_run_config(path);
  const std::string one = pretty_json(result_json(eie_result(config, run_network_file(path))));
  for (const std::size_t threads : {2, 3}) {
    CHECK(one == pretty_json(result_json(eie_result(config, run_network_file(path, {}, threads)))));
  }
}

TEST_CASE("a run on SystemC changes nothing") {
  const test::TemporaryFolder folder;
  const std::string path = test::every_kind(folder);
  const RunConfig config = load_run_config(path);
  const std::string one = pretty_json(result_json(eie_result(config, run_network_file(path))));
  RunReport clocked = run_network_file(path, {"engine=systemc"});
  clocked.engine = "timeline";
  CHECK(one == pretty_json(result_json(eie_result(config, clocked))));
}

TEST_CASE("values without the machine are the machine's values") {
  const test::TemporaryFolder folder;
  const std::string path = test::every_kind(folder);
  for (const std::string detection : {"nonzero", "positive"}) {
    const std::string machine = "architecture.nonzero_detection=" + detection;
    const RunReport all = run_network_file(path, {machine});
    const RunReport first = run_network_file(path, {machine, "workload.lowering.timed_images=1"});
    CHECK(first.network->timed_images == 1);
    CHECK(first.total.sums.vectors * 2 == all.total.sums.vectors);
    for (std::size_t i = 0; i < all.layers.size(); ++i) {
      CHECK(first.layers[i].outputs_checksum == all.layers[i].outputs_checksum);
    }
  }
}

TEST_CASE("an LSTM cell follows the floating-point one") {
  const test::TemporaryFolder folder;
  const std::string path = test::lstm_cell(folder);
  const RunReport report = run_network_file(path, {"workload.lowering.check_vectors=7"});
  REQUIRE(report.layers.size() == 1);
  CHECK(report.network->largest_output_error < 0.002);
  CHECK(report.layers[0].network->products == 8);
  CHECK(report.layers[0].sums.vectors == 8 * 7);
  CHECK(report.layers[0].network->host.exponentials == 7 * 6 * 5);
  CHECK(report.network->check_failures.empty());
  // The four products with the inputs, and the four with the states before each step.
  CHECK(report.network->checked_vectors == 8 * 7);
}

namespace {

void check_gru_cell(bool reset_after) {
  const test::TemporaryFolder folder;
  const RunReport report =
      run_network_file(test::gru_cell(folder, reset_after), {"workload.lowering.check_vectors=7"});
  REQUIRE(report.layers.size() == 1);
  CHECK(report.network->largest_output_error < 0.002);
  CHECK(report.layers[0].network->lowering == "gru");
  CHECK(report.layers[0].network->products == 6);
  CHECK(report.layers[0].sums.vectors == 6 * 7);
  CHECK(report.layers[0].network->host.exponentials == 7 * 6 * 3);
  CHECK(report.network->check_failures.empty());
  CHECK(report.network->checked_vectors == 6 * 7);
}

}  // namespace

TEST_CASE("a GRU cell follows the floating-point one, with the reset gate before the product") {
  check_gru_cell(false);
}

TEST_CASE("a GRU cell follows the floating-point one, with the reset gate behind the product") {
  check_gru_cell(true);
}

TEST_CASE("a cell starts from its initial state, which its formats hold") {
  const test::TemporaryFolder folder;
  const std::string path = test::gru_cell(folder, false);
  const std::vector<float> state = {5.0F, -5.0F, 0.0F, 2.5F, -1.0F, 0.25F};
  test::write_npy(folder.file("h.npy"), "<f4", "(6,)", state);
  const auto weights = [](std::size_t count, float scale) {
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(scale * (static_cast<float>(i * 37 % 64) / 32.0F - 1.0F));
    }
    return values;
  };
  test::write_npy(folder.file("w.npy"), "<f4", "(18, 5)", weights(90, 0.5F));
  test::write_npy(folder.file("r.npy"), "<f4", "(18, 6)", weights(108, 0.25F));
  folder.write(
      "gru.yaml",
      "network:\n  layers:\n    - {name: in, kind: input, height: 7, channels: 5}\n"
      "    - {name: g, kind: gru, outputs: 6, weights: {npy: w.npy, recurrent: r.npy, state: h.npy}}\n"
      "data: {npy: x.npy, scale: 0.02}\n");
  const RunReport report = run_network_file(path);
  // In a format for states of at most 1, as without it, it would be off by up to 4.
  CHECK(report.network->largest_output_error < 0.004);
}

TEST_CASE("the run's seed is that of generated weights without one of their own, and of random data") {
  const test::TemporaryFolder folder;
  const auto network = [&](const std::string& name, const std::string& seed) {
    return folder.write(
        name,
        "network:\n  layers:\n    - {name: in, kind: input, channels: 40}\n"
        "    - {name: d, kind: fully_connected, outputs: 30, weights: {generate: {density: 0.3" +
            seed + "}}}\n");
  };
  network("free.yaml", "");
  network("fixed.yaml", ", seed: 9");
  const std::string path =
      folder.write("run.yaml",
                   "architecture: {kind: eie, pe_count: 4}\nworkload: {network: free.yaml, data: random}\n"
                   "engine: timeline\n");
  const auto outputs = [&](const std::vector<std::string>& assignments) {
    return run_network_file(path, assignments).layers.front().outputs_checksum;
  };
  CHECK(run_network_file(path).network->images == 16);
  CHECK(outputs({"seed=1"}) == outputs({}));
  CHECK(outputs({"seed=1"}) != outputs({"seed=5"}));
  const std::string fixed = "workload={network: " + folder.file("fixed.yaml") + ", data: random}";
  CHECK(run_network_file(path, {fixed, "seed=1"}).layers.front().true_nonzeros ==
        run_network_file(path, {fixed, "seed=5"}).layers.front().true_nonzeros);
  CHECK(outputs({fixed, "seed=1"}) != outputs({fixed, "seed=5"}));  // the data
  const std::string none = "workload={network: " + folder.file("fixed.yaml") + "}";
  CHECK_THROWS_WITH(run_network_file(path, {none}),
                    Catch::Contains("the network has no data to run; a data section in its file, "
                                    "workload.data, or workload.data: random"));
}

TEST_CASE("sums beyond floating point are refused") {
  const test::TemporaryFolder folder;
  test::write_npy<float>(folder.file("w.npy"), "<f4", "(1, 2)", {3e38F, 3e38F});
  test::write_npy<float>(folder.file("x.npy"), "<f4", "(1, 1, 2)", {2.0F, 2.0F});
  folder.write("n.yaml",
               "network:\n  layers:\n    - {name: in, kind: input, channels: 2}\n"
               "    - {name: d, kind: fully_connected, outputs: 1, weights: {npy: w.npy}}\n"
               "data: {npy: x.npy}\n");
  const std::string path =
      folder.write("run.yaml", "architecture: {kind: eie}\nworkload: {network: n.yaml}\nengine: timeline\n");
  CHECK_THROWS_WITH(run_network_file(path), Catch::Contains("the outputs of 'd' are not finite"));
}

TEST_CASE("settings that name no layer, or ask too much, are refused") {
  const test::TemporaryFolder folder;
  const std::string path = test::every_kind(folder);
  CHECK_THROWS_WITH(run_network_file(path, {"workload.lowering.layers=[{name: x}]"}),
                    Catch::Contains("no layer 'x'"));
  CHECK_THROWS_WITH(run_network_file(path, {"architecture.codebook_index_bits=4",
                                            "workload.lowering.layers=[{name: a, codebook_index_bits: 5}]"}),
                    Catch::Contains("at most the machine's 4"));
  CHECK_THROWS_WITH(run_network_file(path, {"workload.lowering.layers=[{name: b, convolution: winograd}]"}),
                    Catch::Contains("winograd does not apply"));
  CHECK_THROWS_WITH(run_network_file(path, {"engine=systemc", "workload.lowering.check_vectors=1"}),
                    Catch::Contains("on which this runs anyway"));
  const RunReport coarse =
      run_network_file(path, {"workload.lowering.layers=[{name: a, codebook_index_bits: 2}]"});
  CHECK(layer_of(coarse, "a").network->sharing_largest_error > 0.0);
  CHECK(layer_of(coarse, "d").network->sharing_largest_error <
        layer_of(coarse, "a").network->sharing_largest_error);
  const RunReport headroom = run_network_file(path, {"workload.lowering.headroom_bits=2"});
  CHECK(layer_of(headroom, "d").formats.output.integer_bits ==
        layer_of(run_network_file(path), "d").formats.output.integer_bits + 2);
}

TEST_CASE("networks without data are refused") {
  const test::TemporaryFolder folder;
  const std::string path = test::every_kind(folder);
  folder.write("n.yaml",
               "network: {layers: [{name: in, kind: input, channels: 2}, {name: f, kind: fully_connected, "
               "outputs: 2, weights: {generate: {}}}]}\n");
  CHECK_THAT(test::message_of<ConfigurationError>([&path] { run_network_file(path); }),
             Catch::Contains("the network has no data to run"));
}

TEST_CASE("a network that takes no time on the machine is reported without a rate") {
  const test::TemporaryFolder folder;
  const std::string path = test::every_kind(folder);
  folder.write(
      "n.yaml",
      "network: {layers: [{name: in, kind: input, height: 8, width: 8, channels: 2}, {name: p, kind: "
      "average_pooling, kernel: 2}]}\ndata: {npy: image.npy, labels: labels.npy}\n");
  const std::string text = text_report(load_run_config(path), run_network_file(path));
  CHECK_THAT(text,
             Catch::Contains("us per image") && !Catch::Contains("images/s") && !Catch::Contains("inf"));
}

TEST_CASE("weights that are generated without a seed of their own are drawn with the run's") {
  const test::TemporaryFolder folder;
  test::write_npy<float>(folder.file("x.npy"), "<f4", "(1, 1, 2)", {0.5F, 1.0F});
  const auto checksum = [&folder](const std::string& generate, const std::string& seed) {
    folder.write("n.yaml",
                 "network: {layers: [{name: in, kind: input, channels: 2}, {name: f, kind: fully_connected, "
                 "outputs: 8, weights: {generate: {" +
                     generate + "}}}]}\ndata: {npy: x.npy}\n");
    const std::string path = folder.write(
        "c.yaml",
        "architecture: {kind: eie}\nworkload: {network: n.yaml}\nengine: timeline\nseed: " + seed + "\n");
    return run_network_file(path).layers.front().outputs_checksum;
  };
  CHECK(checksum("", "1") != checksum("", "5"));
  CHECK(checksum("", "5") == checksum("seed: 5", "1"));
}

TEST_CASE("images, weights and biases of any magnitude stay near the floating-point network") {
  for (const auto& [image, weight] : {std::pair<double, double>{1, 1},
                                      {1e-12, 1},
                                      {1, 1e-12},
                                      {1e12, 1},
                                      {1, 1e9},
                                      {1e-6, 1e-6},
                                      {1e6, 1e6},
                                      {1e5, 1e-7}}) {
    for (const int bits : {8, 16}) {
      const test::TemporaryFolder folder;
      test::scaled_network(folder, image, weight, 0.5);
      const std::string path = folder.write(
          "run.yaml",
          fmt::format(
              "architecture: {{kind: eie, pe_count: 8, codebook_index_bits: 8, weight_value_width_bits: "
              "{0}, activation_width_bits: {0}, accumulator_width_bits: 24}}\n"
              "workload: {{network: scaled.yaml, lowering: {{calibration_images: 4}}}}\n"
              "engine: timeline\n",
              bits));
      for (const char* lowering : {"im2col", "kernel_offsets", "winograd"}) {
        INFO("images " << image << ", weights " << weight << ", " << bits << " bits, " << lowering);
        const RunReport report =
            run_network_file(path, {std::string("workload.lowering.convolution=") + lowering});
        REQUIRE(report.network->output_error.error_db());
        CHECK(*report.network->output_error.error_db() < (bits == 8 ? -20.0 : -35.0));
        CHECK(report.layers[0].numbers.weights.vanished_share() < 0.05);
        CHECK(report.layers[0].numbers.weights.clipped == 0);
      }
    }
  }
}

TEST_CASE("the values of every layer, with what floating point gives") {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(test::every_kind(folder));
  RunOptions options;
  options.values = {KeptValues::of_all_layers, true};
  const RunReport report = run_network(config, options);
  REQUIRE(report.values.size() == report.layers.size() + report.network->host_layers.size());
  for (const LayerValues& layer : report.values) {
    INFO(layer.name);
    CHECK(layer.vectors == 2);
    REQUIRE(layer.raw.size() == 2 * layer.elements());
    REQUIRE(layer.reference.size() == layer.raw.size());
    REQUIRE(layer.error);
    double largest = 0.0;
    for (std::size_t i = 0; i < layer.raw.size(); ++i) {
      const double value = std::ldexp(static_cast<double>(layer.raw[i]), layer.unit_exponent);
      largest = std::max(largest, std::abs(value - layer.reference[i]));
    }
    CHECK(layer.error->largest_error == largest);
    CHECK(largest < 0.05);
  }
  options.values = {KeptValues::of_last_layer, false};
  const RunReport last = run_network(config, options);
  CHECK(last.values.back().raw == report.values.back().raw);
  CHECK(last.values.front().raw.empty());
}

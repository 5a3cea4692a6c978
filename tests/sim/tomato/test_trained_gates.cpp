#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/network/gates.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/tomato/frame_inputs.h"
#include "sim/tomato/load_tomato.h"
#include "tests/dice.h"
#include "tests/sim/data/import/write_npy.h"
#include "tests/sim/tomato/machine_case.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::size_t frames = 24;
constexpr std::size_t size = 5;
constexpr std::size_t inputs = 3;
constexpr std::size_t outputs = 8;
constexpr std::size_t out_size = 3;

/// A convolution of 3 x 3 on pictures of 5 x 5 x 3 whose gates keep `winners` of 8 channels, and what
/// `behind` adds.
std::string write_network(const test::TemporaryFolder& folder, const std::string& winners,
                          const std::string& behind) {
  test::Dice dice(9);
  const auto write = [&](const char* name, const std::string& shape, std::size_t count, double low,
                         double high) {
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
      const double share = static_cast<double>(dice.between(0, 100000)) / 100000.0;
      values.push_back(static_cast<float>(low + (high - low) * share));
    }
    test::write_npy(folder.file(name), "<f4", shape, values);
  };
  write("w.npy", "(8, 3, 3, 3)", 216, -0.5, 0.5);
  write("b.npy", "(8,)", 8, -0.5, 1.0);
  write("g.npy", "(8, 3)", 24, -2.0, 2.0);
  write("h.npy", "(8,)", 8, 0.5, 1.5);
  write("images.npy", "(24, 5, 5, 3)", frames * size * size * inputs, 0.0, 1.0);
  return folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 5, width: 5, channels: 3}\n"
      "    - {name: a, kind: convolution, outputs: 8, kernel: 3, activation: relu, weights: {npy: "
      "w.npy, bias: b.npy}, gates: {npy: g.npy, bias: h.npy, " +
          winners + "}}\n" + behind + "data: {npy: images.npy}\n");
}

tomato::TomatoConfig configuration(const test::TemporaryFolder& folder, const std::string& more = {}) {
  return tomato::load_tomato_config(
      folder.write("run.yaml", "architecture: {kind: tomato" + more +
                                   "}\nworkload: {network: n.yaml, frames: 24, calibration_images: 24}\n"
                                   "engine: timeline\n"));
}

const tomato::Unit& unit_named(const tomato::TomatoReport& report, const std::string& name) {
  const auto& units = report.machine.pipeline.units;
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const auto& unit) { return unit.name == name; });
  REQUIRE(found != units.end());
  return *found;
}

/// A requantisation by its definition (contract, section 6).
std::int64_t requantised(const tomato::Requantisation& r, std::size_t channel, std::int64_t value) {
  const std::int64_t scale = r.scale[r.scale.size() == 1 ? 0 : channel];
  const std::int64_t offset = r.offset[r.offset.size() == 1 ? 0 : channel];
  const long double exact =
      static_cast<long double>(value * scale) + std::ldexp(static_cast<long double>(offset), r.offset_shift);
  const auto rounded =
      static_cast<std::int64_t>(std::floor(std::ldexp(exact, -static_cast<int>(r.shift)) + 0.5L));
  const std::int64_t most = (std::int64_t{1} << (r.format.width_bits - 1)) - 1;
  const std::int64_t clipped = std::clamp(rounded, -most - 1, most);
  return r.relu ? std::max<std::int64_t>(clipped, 0) : clipped;
}

/// The winners by turns of the lanes.
Integers kept(Integers saliencies, std::size_t winners, std::size_t lanes) {
  Integers result(saliencies.size(), 0);
  for (std::size_t turn = 0; turn < winners; ++turn) {
    std::size_t best = turn % lanes;
    for (std::size_t c = best; c < saliencies.size(); c += lanes) {
      best = saliencies[c] > saliencies[best] ? c : best;
    }
    result[best] = std::max<std::int64_t>(saliencies[best], 0);
    saliencies[best] = -1;
  }
  return result;
}

}  // namespace

TEST_CASE("a layer with trained gates is computed in integers as its weights say, bit by bit") {
  const test::TemporaryFolder folder;
  const std::string path = write_network(folder, "winners: 5, lanes: 2", "");
  const tomato::TomatoConfig config = configuration(folder);
  const tomato::TomatoReport report = tomato::run_tomato(config);
  Network network = load_network(path);
  load_weights(network);
  const tomato::FrameInputs pictures(read_network_file(path).data, network.layers.front().shape, 1);
  const NumberFormat& in_format = report.machine.pipeline.units[report.machine.analysis.source].format;
  const tomato::Unit& mean = unit_named(report, "a.mean");
  const tomato::Unit& predictor = unit_named(report, "a.predictor");
  const tomato::Unit& saliency = unit_named(report, "a.saliency");
  const tomato::Unit& engine = unit_named(report, "a");
  const tomato::Unit& before = unit_named(report, "a.before_gates");
  const tomato::Unit& last = unit_named(report, "a.requantise");
  CHECK(unit_named(report, "a.winners").winner_lanes == 2);
  CHECK(saliency.requantisation.format.width_bits == 16);
  CHECK(predictor.weights.format.width_bits == 8);
  const double saliency_unit = std::ldexp(1.0, unit_exponent(saliency.requantisation.format));
  const double output_unit = std::ldexp(1.0, unit_exponent(last.requantisation.format));
  const Reference reference(network);
  std::size_t same_winners = 0;
  for (std::size_t frame = 0; frame < frames; ++frame) {
    INFO("frame " << frame);
    const std::vector<std::int32_t> pixels = pictures.mantissas(frame, in_format);
    Integers means(inputs, 0);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      means[i % inputs] += pixels[i];
    }
    for (std::size_t c = 0; c < inputs; ++c) {
      means[c] = requantised(mean.requantisation, c, means[c]);
    }
    Integers integer_saliencies(outputs, 0);
    const std::vector<float> exact = saliencies(network.layers[1], pictures.picture(frame));
    for (std::size_t c = 0; c < outputs; ++c) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < inputs; ++i) {
        sum += predictor.weights.mantissas[c * inputs + i] * means[i];
      }
      integer_saliencies[c] = requantised(saliency.requantisation, c, sum);
      // Three products of weights rounded by at most 1/128 with means of about a half.
      CHECK(static_cast<double>(integer_saliencies[c]) * saliency_unit ==
            Approx(static_cast<double>(exact[c])).margin(0.04));
    }
    const Integers gate = kept(integer_saliencies, 5, 2);
    const std::vector<std::uint8_t> open = choose_winners(exact.data(), outputs, 5, 2);
    bool same = true;
    for (std::size_t c = 0; c < outputs; ++c) {
      same = same && (gate[c] > 0) == (open[c] != 0);
    }
    same_winners += same ? 1 : 0;
    const Tensor floating = reference.run(pictures.picture(frame))[1];
    std::size_t place = 0;
    for (std::size_t y = 0; y < out_size; ++y) {
      for (std::size_t x = 0; x < out_size; ++x) {
        for (std::size_t c = 0; c < outputs; ++c, ++place) {
          std::int64_t sum = 0;
          for (std::size_t k = 0; k < 9 * inputs; ++k) {
            const std::size_t row = y + k / (3 * inputs);
            const std::size_t column = x + k / inputs % 3;
            sum += std::int64_t{engine.weights.mantissas[c * 9 * inputs + k]} *
                   pixels[(row * size + column) * inputs + k % inputs];
          }
          const std::int64_t boosted = requantised(before.requantisation, c, sum) * gate[c];
          const std::int64_t expected = requantised(last.requantisation, c, boosted);
          REQUIRE(report.result.outputs[frame][place] == expected);
          if (same) {
            CHECK(static_cast<double>(expected) * output_unit ==
                  Approx(static_cast<double>(floating.at(y, x, c))).margin(0.3));
          }
        }
      }
    }
  }
  CHECK(same_winners >= 20);
}

TEST_CASE("layers with trained gates are the same on both engines and in the plain reference") {
  const test::TemporaryFolder folder;
  const std::string convolution =
      "    - {name: b, kind: convolution, outputs: 4, kernel: 2, activation: relu, weights: {generate: "
      "{}}}\n";
  const std::string pool = "    - {name: p, kind: global_average_pooling}\n";
  for (const std::string& behind : {convolution, pool}) {
    for (const char* winners : {"winners: 3", "winners: 6, lanes: 4"}) {
      INFO(behind << winners);
      write_network(folder, winners, behind);
      const tomato::TomatoConfig config = configuration(
          folder,
          ", layers: [{layer: a, unroll_outputs: 2, unroll_inputs: 3}], defaults: {fifo_depth_pixels: 4}");
      test::check_clocked_and_plain(config, tomato::run_tomato(config));
    }
  }
}

TEST_CASE("lanes that take turns give an engine of as many lanes its share of the cycles") {
  const test::TemporaryFolder folder;
  const auto busy = [&](const char* winners) {
    write_network(folder, winners, "");
    const tomato::TomatoReport report =
        tomato::run_tomato(configuration(folder, ", layers: [{layer: a, unroll_outputs: 4}]"));
    const auto& units = report.machine.pipeline.units;
    std::size_t engine = 0;
    while (units[engine].name != "a") {
      ++engine;
    }
    return report.result.units[engine].cycles[tomato::CycleClass::busy];
  };
  const std::uint64_t steps = frames * out_size * out_size * 9 * inputs;
  CHECK(busy("winners: 8") == 2 * steps);
  CHECK(busy("winners: 4, lanes: 4") == steps);
  CHECK(busy("winners: 4") > steps);  // some lane has two of the four in some frames
}

TEST_CASE("keep_ratio of a layer with gates of its own is refused") {
  const test::TemporaryFolder folder;
  write_network(folder, "winners: 3", "");
  CHECK_THROWS_WITH(tomato::run_tomato(configuration(folder, ", layers: [{layer: a, keep_ratio: 0.5}]")),
                    Catch::Contains("layer 'a': has gates of its own"));
}

// What counts and a table of layers say of networks to choose among, beside what a machine takes for them.
//   benchmark_sub_networks RUN.yaml MEASURE IMAGES [COUNT [FIRST]]  > CSV
// RUN.yaml: run configuration of a machine; MEASURE: cycles or frame_time; IMAGES: IDX file of 28 x 28
// images, of which two run. A line for each network; without figures of the machine where it does not fit.
// The time that the simulations and the table took is said on stderr.

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/cost/cost_model.h"
#include "sim/cost/counted_cost.h"
#include "sim/families.h"
#include "sim/fewshot/search_space.h"
#include "sim/fewshot/sub_network.h"
#include "sim/network/input_images.h"

namespace lacuna {
namespace {

constexpr double density = 0.3;
constexpr std::uint32_t ways = 5;
constexpr std::uint64_t seed = 1;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Places of an image from each other, so that the two are of different characters.
constexpr std::size_t image_step = 400;

void run(int argc, char** argv) {
  const std::string measure_name = argv[2];
  const CostMeasure measure = measure_name == "cycles" ? CostMeasure::cycles : CostMeasure::frame_time;
  const TensorShape shape = {28, 28, 1};
  DataDescription data;
  data.idx = {argv[3], argv[3], {}};
  constexpr double ink = 255.0;
  data.scale = 1.0 / ink;
  const InputImages images(data, shape);
  const std::vector<Tensor> inputs = {images.image(0), images.image(image_step)};
  CostConfig config;
  config.measure = measure;
  config.machine = {argv[1], argv[1], {}};
  const auto machine = make_cost_model(config, families(), {});
  LayerSum table(*machine, measure, density, seed, inputs);
  const CountedCost counted({});
  const std::uint64_t count = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1000;
  const std::uint64_t first = argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 0;
  double table_seconds = 0.0;
  double machine_seconds = 0.0;
  std::cout << "network,layers,parameters,multiply_accumulates,table,simulated\n";
  for (std::uint64_t number = first; number < first + count; ++number) {
    const std::vector<ConvolutionConfig> layers = random_sub_network(seed, number).layers();
    const Network network = untrained_network(layers, shape, ways, density, seed + number);
    const NetworkCost counts = counted.measure(network, {});
    // Bits are those of the counter's default, the same for all: products whatever their inputs.
    double products = 0.0;
    for (std::size_t i = 1; i < network.layers.size(); ++i) {
      const NetworkLayer& layer = network.layers[i];
      if (has_weights(layer.kind)) {
        for (const float weight : layer.weights->values) {
          products += weight != 0.0F ? static_cast<double>(layer.shape.pixels()) : 0.0;
        }
      }
    }
    std::string by_table;
    std::string simulated;
    try {
      Clock::time_point begin = Clock::now();
      simulated = fmt::format("{}", machine->measure(network, inputs).value(measure));
      machine_seconds += seconds_since(begin);
      begin = Clock::now();
      by_table = fmt::format("{}", table.of(layers, ways));
      table_seconds += seconds_since(begin);
    } catch (const Error& error) {
      std::cerr << "network " << number << ": " << error.what() << '\n';
    }
    std::cout << fmt::format("{},{},{},{},{},{}\n", number, layers.size(), *counts.weights, products,
                             by_table, simulated)
              << std::flush;
  }
  std::cerr << fmt::format("{}: {:.1f} s for the networks, {:.1f} s for a table of {} layers\n", argv[1],
                           machine_seconds, table_seconds, table.entries());
}

}  // namespace
}  // namespace lacuna

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: benchmark_sub_networks RUN.yaml cycles|frame_time IMAGES [COUNT [FIRST]]\n";
    return 2;
  }
  try {
    lacuna::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 2;
  }
  return 0;
}

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/reference.h"
#include "sim/search/execute_nest.h"
#include "sim/search/lane_schedule.h"
#include "sim/search/lower_nest.h"
#include "sim/search/schedule_transformations.h"
#include "tests/sim/search/small_nests.h"

using namespace lacuna;

namespace {

using Counter = StreamSchedule::Counter;

/// [channel][row][column] from a tensor.
std::vector<float> by_channel(const Tensor& tensor) {
  std::vector<float> values;
  for (std::size_t channel = 0; channel < tensor.shape.channels; ++channel) {
    for (std::size_t y = 0; y < tensor.shape.height; ++y) {
      for (std::size_t x = 0; x < tensor.shape.width; ++x) {
        values.push_back(tensor.at(y, x, channel));
      }
    }
  }
  return values;
}

void check_layers(const Operation& operation) {
  const Domain& domain = operation.branches.front().nest.domain;
  Network network;
  network.layers.emplace_back();
  network.layers.front().name = "in";
  network.layers.front().shape = {domain.input_h, domain.input_w, operation.inputs};
  const std::size_t last = append_layers(operation, "a", 0, network);
  CHECK(last == network.layers.size() - 1);
  infer_shapes(network);

  std::vector<std::vector<double>> weights;
  std::vector<std::vector<float>> weights_as_floats;
  for (const Branch& branch : operation.branches) {
    weights.push_back(test::weights_of<double>(branch.nest.domain, 7));
    weights_as_floats.emplace_back(weights.back().begin(), weights.back().end());
  }
  const std::vector<std::vector<float>> of_layers = layer_weights(operation, weights_as_floats);
  std::size_t next = 0;
  for (NetworkLayer& layer : network.layers) {
    if (layer.kind == LayerKind::convolution) {
      auto numbers = std::make_shared<LayerWeights>();
      numbers->values = of_layers.at(next++);
      CHECK(numbers->values.size() == weight_count(layer, network.input_of(layer).shape));
      layer.weights = numbers;
    }
  }
  CHECK(next == of_layers.size());

  Tensor input(network.layers.front().shape);
  const auto inputs = test::mixed_values<double>(input.values.size(), 3);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::size_t plane = input.shape.pixels();
    input.at(i % plane / input.shape.width, i % input.shape.width, i / plane) = static_cast<float>(inputs[i]);
  }
  const std::vector<double> wanted = execute(operation, inputs, weights);
  CHECK(by_channel(Reference(network).run(input).back()) == std::vector<float>(wanted.begin(), wanted.end()));
}

LoopNest unrolled(LoopNest nest, std::size_t level, std::uint32_t lanes) {
  nest = transformed(nest, Tile{level, lanes});
  return transformed(nest, UnrollLoop{level + 1});
}

}  // namespace

TEST_CASE("the layers of an operation compute what it does") {
  const Operation plain = make_operation({1, 8, 8, 8, 8, 3, 3, 1, 1, 1});
  for (const OperatorTransformation& change :
       std::vector<OperatorTransformation>{Bottleneck{2}, Grouping{4}, Depthwise{}, SpatialBottleneck{2},
                                           SplitAndGroup{{1, 4}}, UnrollAndGroup{2, 3}, SpatialSplit{4}}) {
    INFO(change.index());
    check_layers(transformed(plain, change));
  }
  check_layers(plain);
  check_layers(transformed(transformed(plain, SplitAndGroup{{2, 4}}), SpatialBottleneck{4}));
  check_layers(transformed(transformed(plain, SpatialSplit{2}), Bottleneck{4}));
  check_layers(make_operation({2, 3, 2, 7, 6, 3, 2, 2, 1, 1}));
}

TEST_CASE("layers have names, and want the operation's input") {
  Network network;
  network.layers.emplace_back();
  network.layers.front().name = "in";
  network.layers.front().shape = {8, 8, 8};
  append_layers(transformed(make_operation({1, 8, 8, 8, 8, 3, 3, 1, 1, 1}), UnrollAndGroup{2, 3}), "a", 0,
                network);
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) {
    names.push_back(layer.name);
  }
  CHECK(names == std::vector<std::string>{"in", "a_0", "a_1_input", "a_1", "a_channels"});
  CHECK(network.layers[3].groups == 3);
  CHECK_THROWS_WITH(append_layers(make_operation({1, 8, 4, 8, 8, 3, 3, 1, 1, 1}), "b", 0, network),
                    "operation 'b' reads 8x8x4; the shape of its input, 8x8x8");
}

TEST_CASE("unrolled and ordered loops are lanes and counters of a streaming machine") {
  const LoopNest plain = make_nest({1, 8, 6, 9, 9, 3, 3, 1, 1, 1});  // h w group co ci kh kw
  StreamSchedule schedule = stream_schedule(plain);
  CHECK(schedule.steps == 8 * 6 * 9);
  CHECK(schedule.output_lanes == 1);
  CHECK(schedule.order == std::vector<Counter>{Counter::outputs, Counter::inputs, Counter::taps});

  // ceil(6 / 4) * ceil(8 / 3) * ceil(9 / 3) steps, the contract's I.
  LoopNest nest = unrolled(unrolled(plain, 4, 4), 3, 3);  // h w group co/3 |co| ci/4 |ci| kh kw
  nest = transformed(nest, UnrollLoop{8});
  schedule = stream_schedule(nest);
  CHECK(schedule.input_lanes == 4);
  CHECK(schedule.output_lanes == 3);
  CHECK(schedule.tap_lanes == 3);
  CHECK(schedule.steps == 2 * 3 * 3);
  // Inputs outside: each slice of them is read once, for all outputs.
  schedule = stream_schedule(transformed(nest, Interchange{3, 5}));
  CHECK(schedule.order == std::vector<Counter>{Counter::inputs, Counter::outputs, Counter::taps});
  CHECK(schedule.steps == 18);

  // Of the six orders the machine has one; cycles are the same in all.
  std::size_t of_machine = 0;
  std::vector<Counter> order = {Counter::outputs, Counter::inputs, Counter::taps};
  do {
    LoopNest ordered = nest;
    ordered.levels = {nest.levels[0], nest.levels[1], nest.levels[2]};
    for (const Counter counter : order) {
      const std::size_t first = counter == Counter::outputs ? 3 : counter == Counter::inputs ? 5 : 7;
      ordered.levels.push_back(nest.levels[first]);
      ordered.levels.push_back(nest.levels[first + 1]);
    }
    CHECK(is_dependence_preserving(nest, ordered, Accumulation::exact));
    schedule = stream_schedule(ordered);
    CHECK(schedule.order == order);
    CHECK(schedule.steps == 18);
    of_machine += schedule.has_machine_order() ? 1 : 0;
    CHECK(schedule.has_machine_order() ==
          (order == std::vector<Counter>{Counter::outputs, Counter::taps, Counter::inputs}));
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(of_machine == 1);

  LoopNest whole = plain;
  for (std::size_t level = 2; level < 7; ++level) {
    whole = transformed(whole, UnrollLoop{level});
  }
  schedule = stream_schedule(whole);
  CHECK(schedule.steps == 1);
  CHECK(schedule.order.empty());
  CHECK(schedule.input_lanes * schedule.output_lanes * schedule.tap_lanes == 8 * 6 * 9);
  // Groups' outputs are one direction: 2 groups of 4.
  CHECK(stream_schedule(make_nest({2, 4, 3, 9, 9, 3, 3, 1, 1, 1})).steps == 2 * 4 * 3 * 9);
}

TEST_CASE("lanes are transformations of the schedule: they change steps and no values") {
  using Taps = LaneWishes::Taps;
  for (const Domain& domain : test::small_domains()) {
    const std::vector<std::int64_t> inputs = test::inputs_of<std::int64_t>(domain);
    const std::vector<std::int64_t> weights = test::weights_of<std::int64_t>(domain);
    for (const LaneWishes wishes : {LaneWishes{2, 3, Taps::row}, LaneWishes{3, 8, Taps::kernel}}) {
      const LoopNest nest = with_lanes(domain, wishes);
      CHECK(execute(nest, inputs, weights) == test::convolved(domain, inputs, weights));
      CHECK(stream_schedule(nest).has_machine_order());
    }
  }
  // 8 outputs of 6 inputs by 3 x 3: ceil(8 / 3) ceil(6 / 4) 3 steps.
  StreamSchedule schedule = stream_schedule(with_lanes({1, 8, 6, 9, 9, 3, 3, 1, 1, 1}, {4, 3, Taps::row}));
  CHECK(schedule.input_lanes == 4);
  CHECK(schedule.output_lanes == 3);
  CHECK(schedule.tap_lanes == 3);
  CHECK(schedule.steps == 3 * 2 * 3);
  // As far as there are channels and taps: 2 groups of 2 outputs and 3 inputs, by 1 x 1.
  schedule = stream_schedule(with_lanes({2, 2, 3, 9, 9, 1, 1, 1, 0, 1}, {16, 16, Taps::kernel}));
  CHECK(schedule.input_lanes == 3);
  CHECK(schedule.output_lanes == 4);
  CHECK(schedule.tap_lanes == 1);
  CHECK(schedule.steps == 1);
}

TEST_CASE("schedules that no stream allows are refused") {
  const LoopNest nest = make_nest({1, 8, 6, 9, 9, 3, 3, 1, 1, 1});
  CHECK_THROWS_WITH(
      stream_schedule(transformed(nest, Interchange{0, 1})),
      "schedule 'w h group co ci kh kw': streams carry pixels row by row, one at a time; h and w "
      "outermost and whole");
  CHECK_THROWS_AS(stream_schedule(transformed(nest, Interchange{1, 3})), ConfigurationError);
  CHECK_THROWS_AS(stream_schedule(transformed(nest, UnrollLoop{1})), ConfigurationError);
  CHECK_THROWS_AS(stream_schedule(transformed(nest, Tile{1, 3})), ConfigurationError);
  // Kernel rows, inputs, kernel columns: two counters of taps would be needed.
  CHECK_THROWS_AS(stream_schedule(transformed(nest, Interchange{4, 5})), ConfigurationError);
  // Two of three columns at once: 6 steps, where 9 taps on 2 lanes are 5.
  CHECK_THROWS_AS(stream_schedule(unrolled(nest, 6, 2)), ConfigurationError);
}

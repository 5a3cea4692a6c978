#include "tests/models/tomato/mobilenet.h"

#include <algorithm>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::Unit;
using tomato::UnitKind;

std::uint64_t quotient(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

class MobileNet {
 public:
  MobileNet(std::uint32_t side, std::uint32_t depth)
      : builder_("mobilenet"), depth_(depth), budget_(std::uint64_t{side} * side), side_(side) {}

  tomato::Pipeline make() {
    Unit& source = builder_.add(UnitKind::source);
    source.map = {side_, side_, 3};
    source.format = NumberFormat::fixed(8, 0);
    convolution();
    for (const auto& [channels, stride] : {std::pair{64U, 1U},
                                           {128U, 2U},
                                           {128U, 1U},
                                           {256U, 2U},
                                           {256U, 1U},
                                           {512U, 2U},
                                           {512U, 1U},
                                           {512U, 1U},
                                           {512U, 1U},
                                           {512U, 1U},
                                           {512U, 1U},
                                           {1024U, 2U},
                                           {1024U, 1U}}) {
      depthwise(stride);
      pointwise(channels);
    }
    then(UnitKind::global_sum_pool).unroll.output_channels = lanes(channels_);
    side_ = 1;
    requantise();
    joined(UnitKind::fully_connected, 1000, 1);
    then(UnitKind::sink);
    return builder_.pipeline;
  }

 private:
  Unit& then(UnitKind kind) { return builder_.then(kind, depth_); }
  /// Cycles that a pixel may take.
  std::uint64_t cycles() const { return budget_ / (std::uint64_t{side_} * side_); }
  std::uint32_t lanes(std::uint32_t channels) const {
    return static_cast<std::uint32_t>(quotient(channels, std::min<std::uint64_t>(cycles(), channels)));
  }

  void window(std::uint32_t stride) {
    tomato::WindowShape& w = then(UnitKind::window).window;
    w.extra_lines = stride - 1;  // all windows of two rows come within one of them
    w.kernel_height = w.kernel_width = 3;
    w.stride = stride;
    w.pad_bottom = w.pad_right = 1;
    w.pad_top = w.pad_left = stride == 1 ? 1 : 0;
    side_ = w.output_height(side_);
  }
  void requantise() {
    Unit& u = then(UnitKind::requantise);
    u.unroll.output_channels = lanes(channels_);
    u.requantisation.format = NumberFormat::fixed(8, 3);
    u.requantisation.relu = true;
  }
  /// The fewest lanes with which all input and output channels are done within the cycles of a pixel.
  void joined(UnitKind kind, std::uint32_t outputs, std::uint32_t taps) {
    Unit& u = then(kind);
    u.output_channels = outputs;
    u.unroll.taps = taps;
    std::uint64_t fewest = UINT64_MAX;
    for (std::uint64_t steps = 1; steps <= std::min<std::uint64_t>(channels_, cycles()); ++steps) {
      const std::uint64_t in = quotient(channels_, steps);
      const std::uint64_t out = quotient(outputs, std::min<std::uint64_t>(outputs, cycles() / steps));
      if (in * out < fewest) {
        fewest = in * out;
        u.unroll.input_channels = static_cast<std::uint32_t>(in);
        u.unroll.output_channels = static_cast<std::uint32_t>(out);
      }
    }
    channels_ = outputs;
  }
  void convolution() {
    window(2);
    joined(UnitKind::convolution, 32, 9);
    requantise();
  }
  void depthwise(std::uint32_t stride) {
    window(stride);
    Unit& u = then(UnitKind::depthwise);
    u.unroll.output_channels = lanes(channels_);
    u.unroll.taps = 9;
    requantise();
  }
  void pointwise(std::uint32_t outputs) {
    joined(UnitKind::pointwise, outputs, 1);
    requantise();
  }

  PipelineBuilder builder_;
  std::uint32_t depth_;
  std::uint64_t budget_;
  std::uint32_t side_;
  std::uint32_t channels_ = 3;
};

}  // namespace

tomato::Pipeline mobilenet(std::uint32_t side, std::uint32_t depth) {
  return MobileNet(side, depth).make();
}

void give_weights(tomato::Pipeline& pipeline, const tomato::Parameters& parameters, std::uint64_t seed) {
  boost::random::mt19937_64 engine(seed);
  const tomato::Analysis analysis = tomato::analyse(pipeline, parameters);
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    Unit& unit = pipeline.units[i];
    if (unit.kind == UnitKind::requantise) {
      unit.requantisation.scale = {16384};
      const int bits = analysis.streams[analysis.units[i].inputs.front()].width_bits;
      unit.requantisation.shift = static_cast<std::uint32_t>(14 + std::max(0, (bits - 8) / 2));
    } else if (unit.kind == UnitKind::convolution || unit.kind == UnitKind::depthwise ||
               unit.kind == UnitKind::pointwise || unit.kind == UnitKind::fully_connected) {
      const tomato::Stream& input = analysis.streams[analysis.units[i].inputs.front()];
      const std::uint64_t outputs = unit.kind == UnitKind::depthwise ? 1 : unit.output_channels;
      unit.weights.format = NumberFormat::shift(4, 2);
      for (std::uint64_t n = input.values_per_token() * outputs; n > 0; --n) {
        const auto exponent = boost::random::uniform_int_distribution<int>(-4, 3)(engine);
        unit.weights.mantissas.push_back(exponent < 0 ? -(1 << (exponent + 4)) : 1 << exponent);
      }
    }
  }
}

}  // namespace lacuna::test

#include "tests/models/tomato/random_pipeline.h"

#include <algorithm>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <fmt/format.h>

#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::MapShape;
using tomato::Unit;
using tomato::UnitKind;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  bool chance(int percent) { return between(0, 99) < percent; }
  std::uint32_t u32(std::int64_t low, std::int64_t high) {
    return static_cast<std::uint32_t>(between(low, high));
  }
  int number(std::int64_t low, std::int64_t high) { return static_cast<int>(between(low, high)); }

 private:
  boost::random::mt19937_64 engine_;
};

/// Builds a chain of random blocks; keeps the shape and format at its end.
class RandomPipeline {
 public:
  explicit RandomPipeline(std::uint64_t seed) : dice_(seed), builder_(fmt::format("random-{}", seed)) {}

  PipelineCase make() {
    parameters();
    source();
    const std::uint32_t blocks = dice_.u32(0, 5);
    for (std::uint32_t i = 0; i < blocks; ++i) {
      block();
    }
    end();
    case_.pipeline = builder_.pipeline;
    frames();
    return case_;
  }

 private:
  std::uint32_t depth() { return dice_.chance(80) ? dice_.u32(1, 4) : dice_.u32(5, 40); }
  Unit& then(UnitKind kind) { return builder_.then(kind, depth()); }
  Unit& unit(std::size_t position) { return builder_.pipeline.units[position]; }

  void parameters() {
    tomato::Parameters& p = case_.parameters;
    p.multiplier_latency_cycles = dice_.u32(1, 4);
    p.shifter_latency_cycles = dice_.u32(1, 3);
    p.selector_latency_cycles = dice_.u32(1, 2);
    p.adder_levels_per_cycle = dice_.u32(1, 3);
    p.comparator_levels_per_cycle = dice_.u32(1, 3);
    p.accumulator_latency_cycles = dice_.u32(1, 2);
    p.requantisation_latency_cycles = dice_.u32(1, 5);
  }

  NumberFormat stream_format() {
    switch (dice_.between(0, 5)) {
      case 0:
        return NumberFormat::shift(dice_.number(3, 5), dice_.number(-2, 6));
      case 1:
        return NumberFormat::ternary(dice_.number(-4, 2));
      case 2:
        return NumberFormat::binary(dice_.number(-4, 2));
      case 3:
        return NumberFormat::dynamic_fixed(dice_.number(2, 10), dice_.number(-8, 2));
      default: {
        const int width = dice_.number(2, 10);
        return NumberFormat::fixed(width, dice_.number(0, width - 1));
      }
    }
  }
  NumberFormat weight_format() {
    if (dice_.chance(25)) {
      return NumberFormat::recentralised_shift(dice_.number(4, 6), dice_.number(0, 6), dice_.number(-5, 1),
                                               dice_.number(-5, 1));
    }
    return stream_format();
  }

  void source() {
    map_ = {dice_.u32(1, 10), dice_.u32(1, 10), dice_.u32(1, 5)};
    format_ = stream_format();
    Unit& source = builder_.add(UnitKind::source);
    source.map = map_;
    source.format = format_;
    source.interval_cycles = dice_.chance(70) ? 1 : dice_.u32(2, 5);
  }

  void weights(std::size_t position, std::uint64_t count) {
    Unit& u = unit(position);
    u.weights.format = weight_format();
    std::vector<std::uint32_t> codes;
    const std::int64_t highest = (std::int64_t{1} << u.weights.format.width_bits) - 1;
    while (codes.size() < count) {
      const std::uint32_t code = dice_.u32(0, highest);
      if (is_code(u.weights.format, code)) {
        codes.push_back(code);
        u.weights.mantissas.push_back(static_cast<std::int32_t>(decode(u.weights.format, code)));
      }
    }
    case_.codes[position] = codes;
  }

  void window(bool keep_size, tomato::Padding padding) {
    Unit& u = then(UnitKind::window);
    tomato::WindowShape& w = u.window;
    w.padding = padding;
    if (keep_size) {
      w.kernel_height = w.kernel_width = 3;
      w.pad_top = w.pad_bottom = w.pad_left = w.pad_right = 1;
      return;
    }
    const auto direction = [&](std::uint32_t side, std::uint32_t& kernel, std::uint32_t& before,
                               std::uint32_t& after) {
      kernel = dice_.u32(1, 4);
      if (dice_.chance(10)) {
        // Some windows lie wholly in the padding.
        before = dice_.u32(0, kernel + 1);
        after = dice_.u32(0, kernel + 1);
        kernel = std::min(kernel, side + before + after);
        return;
      }
      before = dice_.u32(0, kernel - 1);
      after = dice_.u32(0, kernel - 1);
      kernel = std::min(kernel, side + before + after);
      before = std::min(before, kernel - 1);
      after = std::min(after, kernel - 1);
      kernel = std::min(kernel, side + before + after);
      before = std::min(before, kernel - 1);
      after = std::min(after, kernel - 1);
    };
    direction(map_.height, w.kernel_height, w.pad_top, w.pad_bottom);
    direction(map_.width, w.kernel_width, w.pad_left, w.pad_right);
    w.stride = dice_.chance(60) ? 1 : dice_.u32(2, 5);
    w.extra_lines = dice_.chance(80) ? 0 : dice_.u32(1, 3);
    map_.height = w.output_height(map_.height);
    map_.width = w.output_width(map_.width);
  }
  std::uint32_t taps() { return unit(builder_.last()).window.taps(); }

  void requantise(bool rectify, const NumberFormat* format = nullptr) {
    Unit& u = then(UnitKind::requantise);
    tomato::Requantisation& r = u.requantisation;
    r.format = format != nullptr ? *format : stream_format();
    r.rounding = static_cast<Rounding>(dice_.between(0, 2));
    const std::uint32_t values = dice_.chance(30) ? 1 : map_.channels;
    r.scale.clear();
    r.offset.clear();
    for (std::uint32_t i = 0; i < values; ++i) {
      r.scale.push_back(dice_.number(-32768, 32767));
      r.offset.push_back(dice_.number(-32768, 32767));
    }
    r.shift = dice_.u32(0, 34);
    r.offset_shift = dice_.u32(0, 16);
    r.relu = rectify || (r.format.kind != NumberKind::binary && dice_.chance(50));
    if (r.relu && dice_.chance(40)) {
      r.maximum = decode(r.format,
                         encode(r.format, {dice_.between(1, max_mantissa(r.format)), unit_exponent(r.format)},
                                Rounding::nearest));
    }
    u.unroll.output_channels = dice_.u32(1, map_.channels);
    format_ = r.format;
  }

  void convolution() {
    window(false, tomato::Padding::zero);
    weighted(UnitKind::convolution, taps(), dice_.u32(1, 5));
    requantise(false);
  }
  std::size_t weighted(UnitKind kind, std::uint32_t window_taps, std::uint32_t outputs) {
    const std::uint32_t inputs = map_.channels;
    Unit& u = then(kind);
    u.output_channels = outputs;
    u.unroll.input_channels = dice_.u32(1, inputs);
    u.unroll.output_channels = dice_.u32(1, outputs);
    u.unroll.taps = dice_.u32(1, window_taps);
    const std::uint64_t pixels = kind == UnitKind::fully_connected ? map_.pixels() : 1;
    weights(builder_.last(), std::uint64_t{inputs} * outputs * window_taps * pixels);
    map_.channels = outputs;
    if (kind == UnitKind::fully_connected) {
      map_.height = map_.width = 1;
    }
    return builder_.last();
  }
  void depthwise() {
    window(false, tomato::Padding::zero);
    const std::uint32_t window_taps = taps();
    Unit& u = then(UnitKind::depthwise);
    u.unroll.output_channels = dice_.u32(1, map_.channels);
    u.unroll.taps = dice_.u32(1, window_taps);
    weights(builder_.last(), std::uint64_t{map_.channels} * window_taps);
    requantise(false);
  }
  void pool(UnitKind kind) {
    window(false, kind == UnitKind::max_pool ? tomato::Padding::lowest : tomato::Padding::zero);
    const std::uint32_t window_taps = taps();
    Unit& u = then(kind);
    u.unroll.output_channels = dice_.u32(1, map_.channels);
    u.unroll.taps = dice_.u32(1, window_taps);
    if (kind == UnitKind::sum_pool) {
      requantise(false);
    }
  }

  void residual() {
    then(UnitKind::fork);
    const std::size_t fork = builder_.last();
    const MapShape shape = map_;
    window(true, tomato::Padding::zero);
    weighted(UnitKind::convolution, 9, shape.channels);
    requantise(false);
    Unit& add = then(UnitKind::add);
    add.unroll.output_channels = dice_.u32(1, shape.channels);
    builder_.join(fork, builder_.last(), branch_depth(2 * shape.width + 8), 1, 1);
    requantise(false);
  }
  /// Mostly deep enough for a branch that holds back `tokens`.
  std::uint32_t branch_depth(std::uint32_t tokens) {
    return dice_.chance(75) ? tokens : dice_.u32(1, tokens);
  }

  void concat() {
    then(UnitKind::fork);
    const std::size_t fork = builder_.last();
    const MapShape shape = map_;
    const NumberFormat format = stream_format();
    weighted(UnitKind::pointwise, 1, dice_.u32(1, 3));
    requantise(false, &format);
    const std::size_t left = builder_.last();
    const std::uint32_t left_channels = map_.channels;
    map_ = shape;
    Unit& other = builder_.add(UnitKind::pointwise);
    other.output_channels = dice_.u32(1, 3);
    other.unroll.input_channels = dice_.u32(1, shape.channels);
    other.unroll.output_channels = dice_.u32(1, other.output_channels);
    const std::uint32_t outputs = other.output_channels;
    const std::size_t pointwise = builder_.last();
    weights(pointwise, std::uint64_t{shape.channels} * outputs);
    builder_.join(fork, pointwise, depth(), 0, 1);
    map_.channels = outputs;
    requantise(false, &format);
    const std::size_t right = builder_.last();
    builder_.add(UnitKind::concat);
    builder_.join(left, builder_.last(), depth(), 0);
    builder_.join(right, builder_.last(), depth(), 1);
    map_.channels = left_channels + outputs;
  }

  /// Feature boosting and suppression: predictor, winners, gated convolution, boost, gated next layer.
  void pruned() {
    then(UnitKind::fork);
    const std::size_t fork = builder_.last();
    const MapShape shape = map_;
    const std::uint32_t outputs = dice_.u32(1, 6);

    then(UnitKind::global_sum_pool).unroll.output_channels = dice_.u32(1, shape.channels);
    map_.height = map_.width = 1;
    requantise(false);
    weighted(UnitKind::fully_connected, 1, outputs);
    const NumberFormat saliency = NumberFormat::fixed(8, dice_.number(0, 7));
    requantise(true, &saliency);
    then(UnitKind::winners).winners = dice_.u32(1, outputs);
    then(UnitKind::fork);
    const std::size_t gates = builder_.last();

    Unit& engine = builder_.add(UnitKind::pointwise);
    engine.output_channels = outputs;
    engine.output_gate = true;
    engine.unroll.input_channels = dice_.u32(1, shape.channels);
    engine.unroll.output_channels = dice_.u32(1, outputs);
    const std::size_t gated = builder_.last();
    weights(gated, std::uint64_t{shape.channels} * outputs);
    builder_.join(fork, gated, branch_depth(static_cast<std::uint32_t>(shape.pixels()) + 4), 0, 1);
    builder_.join(gates, gated, depth(), 1, 0);
    map_ = {shape.height, shape.width, outputs};
    requantise(false);
    then(UnitKind::boost).unroll.output_channels = dice_.u32(1, outputs);
    builder_.join(gates, builder_.last(), depth(), 1, 1);
    requantise(true, &saliency);
    if (dice_.chance(60)) {
      const std::size_t next = weighted(UnitKind::pointwise, 1, dice_.u32(1, 4));
      unit(next).input_gate = true;
      builder_.join(gates, next, depth(), 1, 2);
      requantise(false);
    }
  }

  void link() {
    Unit& u = then(UnitKind::link);
    u.link.bits_per_cycle = dice_.u32(1, 40);
    u.link.latency_cycles = dice_.u32(1, 12);
    u.link.buffer_tokens = dice_.u32(1, 8);
  }

  void block() {
    switch (dice_.between(0, 11)) {
      case 0:
      case 1:
        return convolution();
      case 2:
        return depthwise();
      case 3:
        weighted(UnitKind::pointwise, 1, dice_.u32(1, 5));
        return requantise(false);
      case 4:
        return pool(UnitKind::max_pool);
      case 5:
        return pool(UnitKind::sum_pool);
      case 6:
      case 7:
        return residual();
      case 8:
        return concat();
      case 9:
      case 10:
        return pruned();
      default:
        return link();
    }
  }

  void end() {
    if (dice_.chance(25)) {
      then(UnitKind::global_sum_pool).unroll.output_channels = dice_.u32(1, map_.channels);
      map_.height = map_.width = 1;
      requantise(false);
    }
    if (dice_.chance(40)) {
      weighted(UnitKind::fully_connected, 1, dice_.u32(1, 6));
    }
    then(UnitKind::sink);
  }

  void frames() {
    const Unit& source = case_.pipeline.units.front();
    case_.input.frames = dice_.u32(1, 3);
    const std::int64_t highest = (std::int64_t{1} << source.format.width_bits) - 1;
    for (std::uint32_t f = 0; f < case_.input.frames; ++f) {
      std::vector<std::int32_t>& frame = case_.input.pixels.emplace_back();
      while (frame.size() < source.map.pixels() * source.map.channels) {
        const std::uint32_t code = dice_.u32(0, highest);
        if (is_code(source.format, code)) {
          frame.push_back(static_cast<std::int32_t>(decode(source.format, code)));
        }
      }
    }
  }

  Dice dice_;
  PipelineBuilder builder_;
  PipelineCase case_;
  MapShape map_;
  NumberFormat format_;
};

}  // namespace

PipelineCase random_pipeline(std::uint64_t seed) {
  return RandomPipeline(seed).make();
}

std::string describe(const PipelineCase& c) {
  std::string text = fmt::format("{}: {} frames;", c.pipeline.name, c.input.frames);
  for (const Unit& unit : c.pipeline.units) {
    text += " " + unit.name;
  }
  text += "; depths";
  for (const tomato::Edge& edge : c.pipeline.edges) {
    text += fmt::format(" {}", edge.depth);
  }
  return text;
}

}  // namespace lacuna::test

#include "tests/models/tomato/random_chain.h"

#include <algorithm>

#include "tests/models/tomato/random_format.h"

namespace lacuna::test {
namespace {

using tomato::Unit;
using tomato::UnitKind;

/// A window's kernel and padding in one direction.
void draw_direction(Dice& dice, std::uint32_t side, std::uint32_t& kernel, std::uint32_t& before,
                    std::uint32_t& after) {
  kernel = dice.u32(1, 4);
  if (dice.chance(10)) {
    // Some windows lie wholly in the padding.
    before = dice.u32(0, kernel + 1);
    after = dice.u32(0, kernel + 1);
    kernel = std::min(kernel, side + before + after);
    return;
  }
  before = dice.u32(0, kernel - 1);
  after = dice.u32(0, kernel - 1);
  for (int turn = 0; turn < 2; ++turn) {
    kernel = std::min(kernel, side + before + after);
    before = std::min(before, kernel - 1);
    after = std::min(after, kernel - 1);
  }
}

}  // namespace

void RandomChain::source() {
  map = {dice.u32(1, 10), dice.u32(1, 10), dice.u32(1, 5)};
  const NumberFormat format = random_stream_format(dice);
  Unit& source = builder.add(UnitKind::source);
  source.map = map;
  source.format = format;
  source.interval_cycles = dice.chance(70) ? 1 : dice.u32(2, 5);
}

void RandomChain::window(tomato::Padding padding) {
  tomato::WindowShape& w = then(UnitKind::window).window;
  w.padding = padding;
  draw_direction(dice, map.height, w.kernel_height, w.pad_top, w.pad_bottom);
  draw_direction(dice, map.width, w.kernel_width, w.pad_left, w.pad_right);
  w.stride = dice.chance(60) ? 1 : dice.u32(2, 5);
  w.extra_lines = dice.chance(80) ? 0 : dice.u32(1, 3);
  map.height = w.output_height(map.height);
  map.width = w.output_width(map.width);
}

void RandomChain::same_size_window() {
  tomato::WindowShape& w = then(UnitKind::window).window;
  w.padding = tomato::Padding::zero;
  w.kernel_height = w.kernel_width = 3;
  w.pad_top = w.pad_bottom = w.pad_left = w.pad_right = 1;
}

void RandomChain::requantise(bool rectify, const NumberFormat* format) {
  Unit& u = then(UnitKind::requantise);
  tomato::Requantisation& r = u.requantisation;
  r.format = format != nullptr ? *format : random_stream_format(dice);
  r.rounding = static_cast<Rounding>(dice.between(0, 2));
  const std::uint32_t values = dice.chance(30) ? 1 : map.channels;
  r.scale.clear();
  r.offset.clear();
  for (std::uint32_t i = 0; i < values; ++i) {
    r.scale.push_back(dice.number(-32768, 32767));
    r.offset.push_back(dice.number(-32768, 32767));
  }
  r.shift = dice.u32(0, 34);
  r.offset_shift = dice.u32(0, 16);
  r.relu = rectify || (r.format.kind != NumberKind::binary && dice.chance(50));
  if (r.relu && dice.chance(40)) {
    r.maximum =
        decode(r.format, encode(r.format, {dice.between(0, max_mantissa(r.format)), unit_exponent(r.format)},
                                Rounding::nearest));
  }
  u.unroll.output_channels = dice.u32(1, map.channels);
}

std::size_t RandomChain::weighted(UnitKind kind, std::uint32_t taps, std::uint32_t outputs,
                                  std::uint32_t groups) {
  const std::uint32_t inputs = map.channels / groups;
  Unit& u = then(kind);
  u.output_channels = outputs;
  u.groups = groups;
  u.unroll.input_channels = dice.u32(1, inputs);
  u.unroll.output_channels = dice.u32(1, outputs);
  u.unroll.taps = dice.u32(1, taps);
  const std::uint64_t pixels = kind == UnitKind::fully_connected ? map.pixels() : 1;
  weights(builder.last(), std::uint64_t{inputs} * outputs * taps * pixels);
  map.channels = outputs;
  if (kind == UnitKind::fully_connected) {
    map.height = map.width = 1;
  }
  return builder.last();
}

void RandomChain::global_sum() {
  then(UnitKind::global_sum_pool).unroll.output_channels = dice.u32(1, map.channels);
  map.height = map.width = 1;
  requantise(false);
}

std::size_t RandomChain::beside(std::uint32_t inputs, std::uint32_t outputs) {
  Unit& u = builder.add(UnitKind::pointwise);
  u.output_channels = outputs;
  u.unroll.input_channels = dice.u32(1, inputs);
  u.unroll.output_channels = dice.u32(1, outputs);
  weights(builder.last(), std::uint64_t{inputs} * outputs);
  return builder.last();
}

void RandomChain::weights(std::size_t position, std::uint64_t count) {
  tomato::Weights& w = unit(position).weights;
  w.format = random_weight_format(dice);
  std::vector<std::uint32_t>& drawn = codes[position];
  while (drawn.size() < count) {
    drawn.push_back(random_code(dice, w.format));
    w.mantissas.push_back(static_cast<std::int32_t>(decode(w.format, drawn.back())));
  }
}

}  // namespace lacuna::test

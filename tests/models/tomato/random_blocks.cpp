#include "tests/models/tomato/random_blocks.h"

#include <vector>

#include "tests/models/tomato/random_format.h"

namespace lacuna::test {
namespace {

using tomato::MapShape;
using tomato::Padding;
using tomato::Unit;
using tomato::UnitKind;

std::uint32_t taps_of_last(RandomChain& chain) {
  return chain.unit(chain.builder.last()).window.taps();
}

/// A fork at the end; returns its position.
std::size_t fork(RandomChain& chain) {
  chain.then(UnitKind::fork);
  return chain.builder.last();
}

void convolution(RandomChain& chain) {
  chain.window(Padding::zero);
  chain.weighted(UnitKind::convolution, taps_of_last(chain), chain.dice.u32(1, 5));
  chain.requantise(false);
}

/// A unit that takes each channel's window by itself.
void windowed(RandomChain& chain, UnitKind kind) {
  const std::uint32_t taps = taps_of_last(chain);
  Unit& u = chain.then(kind);
  u.unroll.output_channels = chain.dice.u32(1, chain.map.channels);
  u.unroll.taps = chain.dice.u32(1, taps);
  if (kind == UnitKind::depthwise) {
    chain.weights(chain.builder.last(), std::uint64_t{chain.map.channels} * taps);
  }
}

void depthwise(RandomChain& chain) {
  chain.window(Padding::zero);
  windowed(chain, UnitKind::depthwise);
  chain.requantise(false);
}

void max_pool(RandomChain& chain) {
  chain.window(Padding::lowest);
  windowed(chain, UnitKind::max_pool);
}

void sum_pool(RandomChain& chain) {
  chain.window(Padding::zero);
  windowed(chain, UnitKind::sum_pool);
  chain.requantise(false);
}

void pointwise(RandomChain& chain) {
  chain.weighted(UnitKind::pointwise, 1, chain.dice.u32(1, 5));
  chain.requantise(false);
}

void residual(RandomChain& chain) {
  const std::size_t before = fork(chain);
  const MapShape shape = chain.map;
  chain.same_size_window();
  chain.weighted(UnitKind::convolution, 9, shape.channels);
  chain.requantise(false);
  Unit& add = chain.then(UnitKind::add);
  add.unroll.output_channels = chain.dice.u32(1, shape.channels);
  chain.builder.join(before, chain.builder.last(), chain.branch_depth(2 * shape.width + 8), 1, 1);
  chain.requantise(false);
}

void concat(RandomChain& chain) {
  const std::size_t before = fork(chain);
  const MapShape shape = chain.map;
  const NumberFormat format = random_stream_format(chain.dice);
  chain.weighted(UnitKind::pointwise, 1, chain.dice.u32(1, 3));
  chain.requantise(false, &format);
  const std::size_t left = chain.builder.last();
  const std::uint32_t left_channels = chain.map.channels;
  chain.map = shape;
  chain.map.channels = chain.dice.u32(1, 3);
  const std::size_t other = chain.beside(shape.channels, chain.map.channels);
  chain.builder.join(before, other, chain.depth(), 0, 1);
  chain.requantise(false, &format);
  const std::size_t right = chain.builder.last();
  chain.builder.add(UnitKind::concat);
  chain.builder.join(left, chain.builder.last(), chain.depth(), 0);
  chain.builder.join(right, chain.builder.last(), chain.depth(), 1);
  chain.map.channels += left_channels;
}

/// Finds out which of `outputs` channels win, with their numbers in the format `saliency`, which is drawn.
/// Returns the fork that hands them on.
std::size_t predict_winners(RandomChain& chain, std::uint32_t outputs, NumberFormat& saliency) {
  chain.global_sum();
  chain.weighted(UnitKind::fully_connected, 1, outputs);
  saliency = NumberFormat::fixed(8, chain.dice.number(0, 7));
  chain.requantise(true, &saliency);
  Unit& winners = chain.then(UnitKind::winners);
  winners.winners = chain.dice.u32(1, outputs);
  winners.winner_lanes = chain.dice.u32(1, outputs);
  return fork(chain);
}

/// Feature boosting and suppression: predictor, winners, gated convolution, boost, gated next layer.
void pruned(RandomChain& chain) {
  const std::size_t before = fork(chain);
  const MapShape shape = chain.map;
  const std::uint32_t outputs = chain.dice.u32(1, 6);
  NumberFormat saliency;
  const std::size_t gates = predict_winners(chain, outputs, saliency);

  const std::size_t gated = chain.beside(shape.channels, outputs);
  chain.unit(gated).output_gate = true;
  chain.builder.join(before, gated, chain.branch_depth(static_cast<std::uint32_t>(shape.pixels()) + 4), 0, 1);
  chain.builder.join(gates, gated, chain.depth(), 1, 0);
  chain.map = {shape.height, shape.width, outputs};
  chain.requantise(false);
  chain.then(UnitKind::boost).unroll.output_channels = chain.dice.u32(1, outputs);
  chain.builder.join(gates, chain.builder.last(), chain.depth(), 1, 1);
  chain.requantise(true, &saliency);
  if (chain.dice.chance(60)) {
    const std::size_t next = chain.weighted(UnitKind::pointwise, 1, chain.dice.u32(1, 4));
    chain.unit(next).input_gate = true;
    chain.builder.join(gates, next, chain.depth(), 1, 2);
    chain.requantise(false);
  }
}

void link(RandomChain& chain) {
  Unit& u = chain.then(UnitKind::link);
  u.link.bits_per_cycle = chain.dice.u32(1, 40);
  u.link.latency_cycles = chain.dice.u32(1, 12);
  u.link.buffer_tokens = chain.dice.u32(1, 8);
}

/// Some channels, in any order and as often as chance has it.
void select_any(RandomChain& chain, std::uint32_t count) {
  std::vector<std::uint32_t> selected;
  while (selected.size() < count) {
    selected.push_back(chain.dice.u32(0, chain.map.channels - 1));
  }
  chain.then(UnitKind::select).selected = selected;
  chain.map.channels = count;
}

/// ShuffleNet's order behind an engine of `groups` groups.
void shuffle(RandomChain& chain, std::uint32_t groups) {
  const std::uint32_t in_group = chain.map.channels / groups;
  std::vector<std::uint32_t> selected;
  for (std::uint32_t channel = 0; channel < chain.map.channels; ++channel) {
    selected.push_back(channel % groups * in_group + channel / groups);
  }
  chain.then(UnitKind::select).selected = selected;
}

/// An engine of several groups, behind as many channels as it needs.
void grouped(RandomChain& chain, UnitKind kind) {
  const std::uint32_t groups = chain.dice.u32(2, 4);
  select_any(chain, groups * chain.dice.u32(1, 3));
  std::uint32_t taps = 1;
  if (kind == UnitKind::convolution) {
    chain.window(Padding::zero);
    taps = taps_of_last(chain);
  }
  chain.weighted(kind, taps, groups * chain.dice.u32(1, 4), groups);
  chain.requantise(false);
  if (chain.dice.chance(40)) {
    shuffle(chain, groups);
  }
}

/// A split: two slices, one of which goes through an engine, side by side again.
void split(RandomChain& chain) {
  const NumberFormat format = random_stream_format(chain.dice);
  select_any(chain, chain.dice.u32(2, 6));
  chain.requantise(false, &format);
  const std::size_t before = fork(chain);
  const MapShape shape = chain.map;
  const std::uint32_t left_channels = chain.dice.u32(1, shape.channels - 1);
  std::vector<std::uint32_t> slices[2];
  for (std::uint32_t channel = 0; channel < shape.channels; ++channel) {
    slices[channel < left_channels ? 0 : 1].push_back(channel);
  }
  chain.then(UnitKind::select).selected = slices[0];
  chain.map.channels = left_channels;
  chain.weighted(UnitKind::pointwise, 1, chain.dice.u32(1, 3));
  chain.requantise(false, &format);
  const std::size_t left = chain.builder.last();
  chain.builder.add(UnitKind::select).selected = slices[1];
  const std::size_t right = chain.builder.last();
  chain.builder.join(before, right, chain.branch_depth(8), 0, 1);
  chain.builder.add(UnitKind::concat);
  chain.builder.join(left, chain.builder.last(), chain.depth(), 0);
  chain.builder.join(right, chain.builder.last(), chain.depth(), 1);
  chain.map.channels += shape.channels - left_channels;
}

}  // namespace

void add_random_group_block(RandomChain& chain) {
  switch (chain.dice.between(0, 3)) {
    case 0:
      return grouped(chain, UnitKind::pointwise);
    case 1:
      return split(chain);
    default:
      return grouped(chain, UnitKind::convolution);
  }
}

void add_random_block(RandomChain& chain) {
  switch (chain.dice.between(0, 11)) {
    case 0:
    case 1:
      return convolution(chain);
    case 2:
      return depthwise(chain);
    case 3:
      return pointwise(chain);
    case 4:
      return max_pool(chain);
    case 5:
      return sum_pool(chain);
    case 6:
    case 7:
      return residual(chain);
    case 8:
      return concat(chain);
    case 9:
    case 10:
      return pruned(chain);
    default:
      return link(chain);
  }
}

}  // namespace lacuna::test

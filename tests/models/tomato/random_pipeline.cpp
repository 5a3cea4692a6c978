#include "tests/models/tomato/random_pipeline.h"

#include <utility>

#include <fmt/format.h>

#include "tests/dice.h"
#include "tests/models/tomato/random_blocks.h"
#include "tests/models/tomato/random_chain.h"
#include "tests/models/tomato/random_format.h"

namespace lacuna::test {
namespace {

using tomato::Unit;
using tomato::UnitKind;

tomato::Parameters random_parameters(Dice& dice) {
  tomato::Parameters p;
  p.multiplier_latency_cycles = dice.u32(1, 4);
  p.shifter_latency_cycles = dice.u32(1, 3);
  p.selector_latency_cycles = dice.u32(1, 2);
  p.adder_levels_per_cycle = dice.u32(1, 3);
  p.comparator_levels_per_cycle = dice.u32(1, 3);
  p.accumulator_latency_cycles = dice.u32(1, 2);
  p.requantisation_latency_cycles = dice.u32(1, 5);
  return p;
}

void add_end(RandomChain& chain) {
  if (chain.dice.chance(25)) {
    chain.global_sum();
  }
  if (chain.dice.chance(40)) {
    chain.weighted(UnitKind::fully_connected, 1, chain.dice.u32(1, 6));
  }
  chain.then(UnitKind::sink);
}

tomato::RunInput random_frames(Dice& dice, const Unit& source) {
  tomato::RunInput input;
  input.frames = dice.u32(1, 3);
  for (std::uint32_t f = 0; f < input.frames; ++f) {
    std::vector<std::int32_t>& frame = input.pixels.emplace_back();
    while (frame.size() < source.map.pixels() * source.map.channels) {
      const std::uint32_t code = random_code(dice, source.format);
      frame.push_back(static_cast<std::int32_t>(decode(source.format, code)));
    }
  }
  return input;
}

/// `add_blocks` adds what stands between the ends.
template <class AddBlocks>
PipelineCase random_case(Dice& dice, const std::string& name, AddBlocks&& add_blocks) {
  RandomChain chain(dice, name);
  PipelineCase result;
  result.parameters = random_parameters(dice);
  chain.source();
  add_blocks(chain);
  add_end(chain);
  result.pipeline = chain.builder.pipeline;
  result.codes = std::move(chain.codes);
  result.input = random_frames(dice, result.pipeline.units.front());
  return result;
}

}  // namespace

PipelineCase random_pipeline(std::uint64_t seed) {
  Dice dice(seed);
  return random_case(dice, fmt::format("random-{}", seed), [&](RandomChain& chain) {
    const std::uint32_t blocks = dice.u32(0, 5);
    for (std::uint32_t i = 0; i < blocks; ++i) {
      add_random_block(chain);
    }
  });
}

PipelineCase random_grouped_pipeline(std::uint64_t seed) {
  Dice dice(seed);
  return random_case(dice, fmt::format("grouped-{}", seed), [&](RandomChain& chain) {
    const std::uint32_t blocks = dice.u32(0, 3);
    add_random_group_block(chain);
    for (std::uint32_t i = 0; i < blocks; ++i) {
      dice.chance(60) ? add_random_group_block(chain) : add_random_block(chain);
    }
  });
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

#include "sim/data/random/random_stream.h"

#include <array>

namespace lacuna {
namespace {

std::uint64_t split_mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

boost::random::taus88 start(std::uint64_t seed, StreamPurpose purpose, std::uint64_t number) {
  const std::uint64_t first =
      split_mix(split_mix(split_mix(seed) ^ static_cast<std::uint64_t>(purpose)) ^ number);
  const std::uint64_t second = split_mix(first);
  // One word for each of the engine's three registers, whose lowest bits are ignored: 16 keeps each from
  // zero.
  const std::array<std::uint32_t, 3> words = {static_cast<std::uint32_t>(first) | 16U,
                                              static_cast<std::uint32_t>(first >> 32) | 16U,
                                              static_cast<std::uint32_t>(second) | 16U};
  auto word = words.begin();
  return boost::random::taus88(word, words.end());
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, StreamPurpose purpose, std::uint64_t number)
    : engine_(start(seed, purpose, number)) {}

}  // namespace lacuna

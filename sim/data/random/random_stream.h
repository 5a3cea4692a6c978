#pragma once

#include <cstdint>

#include <boost/random/taus88.hpp>

namespace lacuna {

/// What a stream of random numbers is used for; streams of different purposes are independent.
enum class StreamPurpose : std::uint64_t {
  row_positions = 1,
  weight_codes,
  activation_positions,
  activation_values,
  codebook,
  image_order,
  few_shot_task,
  few_shot_weights,
  sub_network,
  sub_network_search,
  graph_candidate,
  graph_weights,
  graph_dropout
};

/// A stream of 32-bit random numbers of its own for each (seed, purpose, number): Boost.Random's taus88
/// (L'Ecuyer 1996), started from a SplitMix64 hash (Steele et al., OOPSLA 2014) of the three. The same on
/// every platform.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, StreamPurpose purpose, std::uint64_t number);

  /// Uniform in 0..2^32-1.
  std::uint32_t next() { return engine_(); }

  /// Uniform in 0..bound-1 by multiplication (bias below bound / 2^32). Requires bound >= 1.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((std::uint64_t{next()} * bound) >> 32);
  }

 private:
  boost::random::taus88 engine_;
};

}  // namespace lacuna

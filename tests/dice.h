#pragma once

#include <cstdint>
#include <initializer_list>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace lacuna::test {

/// Random choices that are the same on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  /// Uniform in low..high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return boost::random::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  std::uint32_t u32(std::int64_t low, std::int64_t high) {
    return static_cast<std::uint32_t>(between(low, high));
  }
  int number(std::int64_t low, std::int64_t high) { return static_cast<int>(between(low, high)); }
  bool chance(int percent) { return between(0, 99) < percent; }
  template <class T>
  T of(std::initializer_list<T> values) {
    return values.begin()[between(0, static_cast<std::int64_t>(values.size()) - 1)];
  }

 private:
  boost::random::mt19937_64 engine_;
};

}  // namespace lacuna::test

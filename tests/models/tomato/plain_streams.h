#pragma once

#include <cstddef>
#include <cstdint>

#include "models/tomato/pipeline.h"
#include "tests/models/tomato/plain_numbers.h"

namespace lacuna::test::plain {

/// What is known of a pipeline's streams without running it.
class Streams {
 public:
  explicit Streams(const tomato::Pipeline& pipeline) : pipeline_(pipeline) {}

  /// Position of the unit before an input of another.
  std::size_t producer(std::size_t position, std::uint32_t number) const;

  /// Smallest number of the stream that a position sends.
  Real lowest(std::size_t position) const;

  /// Unit exponent of the stream that a position sends: requantisation works on mantissas.
  int exponent(std::size_t position) const;

 private:
  const tomato::Pipeline& pipeline_;
};

}  // namespace lacuna::test::plain

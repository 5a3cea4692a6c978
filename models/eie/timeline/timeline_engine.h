#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "models/eie/timeline/column_counts.h"

namespace lacuna::eie {

/// Keeps the counts of matrices, so that they are made once for all the vectors that run through a layer.
/// Layers are told apart by the identity of their images. The least recently used go when all together take
/// more than a limit; the last one always stays.
class CountsCache {
 public:
  explicit CountsCache(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  /// Those of `matrix`, whose image is `image`. Valid until the next call.
  const ColumnCounts& of(const CodedMatrix& matrix, const MemoryImage& image);
  /// Takes the counts of a matrix with a new image.
  void add(const MemoryImage& image, ColumnCounts counts);

 private:
  struct Counted {
    std::uint64_t identity;
    ColumnCounts counts;
  };

  std::uint64_t most_bytes_;
  std::list<Counted> counted_;  ///< the last used first
};

/// The engine without a clock: the same results as the clocked ones, from max-plus recurrences
/// (docs/timeline.md). All that it takes from an image is its geometry and identity; the nonzeros are those
/// of the layer's matrix. With `Outputs::skipped` no values are computed: `outputs` is empty and
/// `accumulator_saturations` is 0. Runs that share a layer are cheaper through `simulate_timing` (timing.h).
/// Throws ConfigurationError for contradictory parameters; runs throw InputDataError for a matrix with a row
/// out of range or, where values are wanted, a code beyond the codebook.
std::unique_ptr<Engine> make_timeline_engine(const Parameters& parameters);

}  // namespace lacuna::eie

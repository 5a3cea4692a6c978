#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/values.h"

namespace lacuna::eie {

/// Keeps what the timeline derives from memory images, so that it is made once for all the vectors that run
/// through a layer. Images are told apart by their identity. The least recently used go when all together
/// take more than a limit; the last one always stays.
class ImageCache {
 public:
  explicit ImageCache(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  /// Both valid until the next call with another image.
  const ColumnCounts& counts(const MemoryImage& image);
  const ValueEntries& values(const MemoryImage& image);

 private:
  struct Derived {
    std::uint64_t identity;
    ColumnCounts counts;
    std::optional<ValueEntries> values;
    std::uint64_t bytes() const { return counts.bytes() + (values ? values->bytes() : 0); }
  };

  Derived& of(const MemoryImage& image);
  void shrink();

  std::uint64_t most_bytes_;
  std::list<Derived> derived_;  ///< the last used first
};

/// The engine without a clock: the same results as the clocked ones, from max-plus recurrences
/// (docs/timeline.md). With `Outputs::skipped` no values are computed: `outputs` is empty and
/// `accumulator_saturations` is 0. Runs that share a layer are cheaper through `simulate_timing` (timing.h).
/// Throws ConfigurationError for contradictory parameters.
std::unique_ptr<Engine> make_timeline_engine(const Parameters& parameters);

}  // namespace lacuna::eie

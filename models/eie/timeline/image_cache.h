#pragma once

#include <cstdint>
#include <list>
#include <optional>

#include "models/eie/layer.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/value_entries.h"

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

}  // namespace lacuna::eie

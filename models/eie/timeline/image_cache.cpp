#include "models/eie/timeline/image_cache.h"

#include <algorithm>

namespace lacuna::eie {

ImageCache::Derived& ImageCache::of(const MemoryImage& image) {
  const std::uint64_t identity = image.identity.number();
  const auto found = std::find_if(derived_.begin(), derived_.end(),
                                  [&](const Derived& each) { return each.identity == identity; });
  if (found == derived_.end()) {
    derived_.push_front({identity, ColumnCounts::of(image), std::nullopt});
    shrink();
  } else {
    derived_.splice(derived_.begin(), derived_, found);
  }
  return derived_.front();
}

const ColumnCounts& ImageCache::counts(const MemoryImage& image) {
  return of(image).counts;
}

const ValueEntries& ImageCache::values(const MemoryImage& image) {
  Derived& derived = of(image);
  if (!derived.values) {
    derived.values.emplace(image);
    shrink();
  }
  return *derived.values;
}

void ImageCache::shrink() {
  std::uint64_t bytes = 0;
  for (const Derived& each : derived_) {
    bytes += each.bytes();
  }
  while (derived_.size() > 1 && bytes > most_bytes_) {
    bytes -= derived_.back().bytes();
    derived_.pop_back();
  }
}

}  // namespace lacuna::eie

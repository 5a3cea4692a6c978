#include "sim/eie/sweep/recorded_products.h"

#include <utility>

namespace lacuna {

ProductCounts RecordedProducts::run(const Product& product, const VectorStream& stream,
                                    const StreamProgress& progress) {
  std::vector<std::vector<std::int32_t>>& vectors = vectors_[&product];
  const std::size_t before = vectors.size();
  vectors.resize(before + stream.size);
  VectorStream recorded = stream;
  recorded.make = [&](std::size_t i, std::vector<std::int32_t>& elements) {
    stream.make(i, elements);
    vectors[before + i] = elements;
  };
  return machine_.run(product, recorded, progress);
}

std::vector<std::vector<std::int32_t>> RecordedProducts::take(const Product& product) {
  return std::move(vectors_[&product]);
}

}  // namespace lacuna

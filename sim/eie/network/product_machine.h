#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "models/eie/engine.h"
#include "sim/eie/network/lowered_layer.h"
#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// Counts of a product's runs: sums over its vectors.
struct ProductCounts {
  RunSums sums;
  std::vector<eie::PeResult> pes;

  void add(const eie::RunResult& result);
  ProductCounts& operator+=(const ProductCounts& other);
};

/// Many vectors for one product, made and taken one by one; both are called from several threads, each vector
/// from one.
struct VectorStream {
  std::size_t size = 0;
  std::function<void(std::size_t, std::vector<std::int32_t>&)> make;
  std::function<void(std::size_t, std::vector<std::int32_t>&)> take;
};

/// Called with the number of vectors done; may throw to stop the run.
using StreamProgress = std::function<void(std::size_t)>;

/// What computes the vectors of products.
class ProductMachine {
 public:
  virtual ~ProductMachine() = default;

  /// Computes all vectors. `progress` is called from this thread. The counts are empty where only values are
  /// computed.
  virtual ProductCounts run(const Product& product, const VectorStream& stream,
                            const StreamProgress& progress) = 0;
};

}  // namespace lacuna

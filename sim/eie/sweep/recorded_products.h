#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/eie/network/product_machine.h"

namespace lacuna {

/// Has products computed by another machine and keeps the vectors that they take.
class RecordedProducts : public ProductMachine {
 public:
  explicit RecordedProducts(ProductMachine& machine) : machine_(machine) {}

  ProductCounts run(const Product& product, const VectorStream& stream,
                    const StreamProgress& progress) override;

  /// All vectors of a product so far, in their order. Takes them away.
  std::vector<std::vector<std::int32_t>> take(const Product& product);

 private:
  ProductMachine& machine_;
  std::map<const Product*, std::vector<std::vector<std::int32_t>>> vectors_;
};

}  // namespace lacuna

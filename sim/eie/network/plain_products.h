#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/eie/network/product_machine.h"

namespace lacuna {

/// Values alone, by the machine's arithmetic without a machine (contract, section 2). Counts nothing.
class PlainProducts : public ProductMachine {
 public:
  PlainProducts(const eie::Parameters& machine, std::size_t threads) : machine_(machine), threads_(threads) {}

  ProductCounts run(const Product& product, const VectorStream& stream,
                    const StreamProgress& progress) override;

 private:
  eie::Parameters machine_;
  std::size_t threads_;
};

}  // namespace lacuna

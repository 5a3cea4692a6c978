#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/eie/config/run_config.h"
#include "sim/eie/network/product_machine.h"
#include "sim/eie/run/engine_factory.h"

namespace lacuna {

/// Runs products on engines of one machine, in several threads where the engine allows it. Results do not
/// depend on the number of threads.
class EngineProducts : public ProductMachine {
 public:
  EngineProducts(EngineKind kind, const eie::Parameters& machine, const EngineOptions& options,
                 std::size_t threads);

  ProductCounts run(const Product& product, const VectorStream& stream,
                    const StreamProgress& progress) override;

  /// Runs one vector on this and on the SystemC engine. Returns what differs, empty when nothing does.
  std::string check(const Product& product, const std::vector<std::int32_t>& elements);

  void finish();

 private:
  eie::Parameters machine_;
  std::vector<std::unique_ptr<eie::Engine>> engines_;  ///< one for each thread
  std::unique_ptr<eie::Engine> checker_;
};

}  // namespace lacuna

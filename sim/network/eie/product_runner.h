#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/eie/engine.h"
#include "sim/config/run_config.h"
#include "sim/network/eie/lowered_layer.h"
#include "sim/run/engine_factory.h"
#include "sim/run/layer_report.h"

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

/// Runs products on engines of one machine, in several threads where the engine allows it. Results do not
/// depend on the number of threads.
class ProductRunner {
 public:
  ProductRunner(EngineKind kind, const eie::Parameters& machine, const EngineOptions& options,
                std::size_t threads);

  /// Runs all vectors on the machine. `progress` is called from this thread with the number of vectors done;
  /// it may throw to stop the run.
  ProductCounts run(const Product& product, const VectorStream& stream,
                    const std::function<void(std::size_t)>& progress);

  /// Values alone, by the machine's arithmetic without a machine (contract, section 2).
  void run_values(const Product& product, const VectorStream& stream,
                  const std::function<void(std::size_t)>& progress);

  /// Runs one vector on this and on the SystemC engine. Returns what differs, empty when nothing does.
  std::string check(const Product& product, const std::vector<std::int32_t>& elements);

  void finish();

 private:
  using Work = std::function<void(std::size_t worker, std::size_t begin, std::size_t end)>;
  void in_threads(std::size_t size, std::size_t group, const Work& work,
                  const std::function<void(std::size_t)>& progress) const;

  eie::Parameters machine_;
  std::vector<std::unique_ptr<eie::Engine>> engines_;  ///< one for each thread
  std::unique_ptr<eie::Engine> checker_;
};

/// Outputs of one vector by the definition of the machine's arithmetic.
std::vector<std::int32_t> plain_outputs(const eie::Parameters& machine, const eie::Layer& layer,
                                        const std::vector<std::int32_t>& elements);

}  // namespace lacuna

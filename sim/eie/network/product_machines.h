#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/network/lowered_layer.h"
#include "sim/eie/run/engine_factory.h"
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

/// Values alone, and a lower bound of the cycles in which the machine would compute them (cycle_bound.h).
class BoundedProducts : public ProductMachine {
 public:
  BoundedProducts(const eie::Parameters& machine, std::size_t threads)
      : machine_(machine), values_(machine, threads) {}

  ProductCounts run(const Product& product, const VectorStream& stream,
                    const StreamProgress& progress) override;

  /// Of all vectors so far.
  std::uint64_t cycles() const { return cycles_; }

 private:
  eie::Parameters machine_;
  PlainProducts values_;
  std::atomic<std::uint64_t> cycles_ = 0;
};

/// Runs products on engines of one machine, in several threads where the engine allows it. Results do not
/// depend on the number of threads.
class EngineProducts : public ProductMachine {
 public:
  EngineProducts(EngineKind kind, const eie::Parameters& machine, const EngineOptions& options,
                 std::size_t threads);

  ProductCounts run(const Product& product, const VectorStream& stream,
                    const StreamProgress& progress) override;

  /// Keeps the cycles of each vector from now on.
  void keep_vector_cycles() { keeps_vector_cycles_ = true; }
  /// Of all vectors of a product, in the order of its streams; empty where none are kept.
  std::vector<std::uint64_t> take_vector_cycles(const Product& product);

  /// Runs one vector on this and on the SystemC engine. Returns what differs, empty when nothing does.
  std::string check(const Product& product, const std::vector<std::int32_t>& elements);

  void finish();

 private:
  eie::Parameters machine_;
  std::vector<std::unique_ptr<eie::Engine>> engines_;  ///< one for each thread
  std::unique_ptr<eie::Engine> checker_;
  bool keeps_vector_cycles_ = false;
  std::unordered_map<const Product*, std::vector<std::uint64_t>> vector_cycles_;
};

}  // namespace lacuna

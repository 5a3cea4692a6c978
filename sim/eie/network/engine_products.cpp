#include "sim/eie/network/engine_products.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/parallel_for.h"
#include "models/eie/forked_engine.h"

namespace lacuna {
namespace {

std::string difference(const eie::RunResult& ours, const eie::RunResult& theirs) {
  if (ours.cycles != theirs.cycles) {
    return fmt::format("{} cycles, SystemC {}", ours.cycles, theirs.cycles);
  }
  if (ours.outputs != theirs.outputs) {
    return "other outputs than SystemC";
  }
  if (ours.control != theirs.control) {
    return "other control events than SystemC";
  }
  for (std::size_t pe = 0; pe < ours.pes.size(); ++pe) {
    if (ours.pes[pe].cycles != theirs.pes[pe].cycles || ours.pes[pe].events != theirs.pes[pe].events) {
      return fmt::format("other events than SystemC in PE {}", pe);
    }
  }
  return {};
}

}  // namespace

EngineProducts::EngineProducts(EngineKind kind, const eie::Parameters& machine, const EngineOptions& options,
                               std::size_t threads)
    : machine_(machine) {
  const std::size_t engines = kind == EngineKind::timeline ? std::max<std::size_t>(threads, 1) : 1;
  for (std::size_t i = 0; i < engines; ++i) {
    engines_.push_back(make_engine(kind, machine, options));
  }
}

ProductCounts EngineProducts::run(const Product& product, const VectorStream& stream,
                                  const StreamProgress& progress) {
  std::vector<ProductCounts> counts(engines_.size());
  const std::size_t group = std::max(engines_.front()->vectors_at_once(), std::size_t{1});
  parallel_for({stream.size, group, engines_.size()}, [&](const ParallelPart& part) {
    if (part.worker == 0 && progress) {
      progress(part.begin);
    }
    std::vector<std::vector<std::int32_t>> vectors(part.end - part.begin);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      stream.make(part.begin + i, vectors[i]);
    }
    std::vector<eie::RunResult> results =
        engines_[part.worker]->run_all(product.layer, product.image, vectors, true);
    for (std::size_t i = 0; i < results.size(); ++i) {
      counts[part.worker].add(results[i]);
      stream.take(part.begin + i, results[i].outputs);
    }
  });
  ProductCounts sum;
  for (const ProductCounts& each : counts) {
    sum += each;
  }
  return sum;
}

std::string EngineProducts::check(const Product& product, const std::vector<std::int32_t>& elements) {
  if (checker_ == nullptr) {
    checker_ = eie::make_forked_engine(
        [](const eie::Parameters& machine) { return make_engine(EngineKind::systemc, machine); }, machine_);
  }
  return difference(engines_.front()->run(product.layer, product.image, elements),
                    checker_->run(product.layer, product.image, elements));
}

void EngineProducts::finish() {
  for (const std::unique_ptr<eie::Engine>& engine : engines_) {
    engine->finish();
  }
}

}  // namespace lacuna

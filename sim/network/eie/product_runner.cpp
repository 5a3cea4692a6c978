#include "sim/network/eie/product_runner.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "models/eie/forked_engine.h"
#include "sim/run/run_layer.h"

namespace lacuna {
namespace {

/// Vectors that a thread takes at a time where the engine has no wish.
constexpr std::size_t least_group = 16;

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

void add_pes(const std::vector<eie::PeResult>& more, std::vector<eie::PeResult>& sums) {
  sums.resize(std::max(sums.size(), more.size()));
  for (std::size_t pe = 0; pe < more.size(); ++pe) {
    sums[pe].cycles += more[pe].cycles;
    sums[pe].events += more[pe].events;
  }
}

}  // namespace

void ProductCounts::add(const eie::RunResult& result) {
  sums += sums_of(result);
  add_pes(result.pes, pes);
}

ProductCounts& ProductCounts::operator+=(const ProductCounts& other) {
  sums += other.sums;
  add_pes(other.pes, pes);
  return *this;
}

ProductRunner::ProductRunner(EngineKind kind, const eie::Parameters& machine, const EngineOptions& options,
                             std::size_t threads)
    : machine_(machine) {
  const std::size_t engines = kind == EngineKind::timeline ? std::max<std::size_t>(threads, 1) : 1;
  for (std::size_t i = 0; i < engines; ++i) {
    engines_.push_back(make_engine(kind, machine, options));
  }
}

void ProductRunner::in_threads(std::size_t size, std::size_t group, const Work& work,
                               const std::function<void(std::size_t)>& progress) const {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto loop = [&](std::size_t worker) {
    try {
      for (std::size_t begin = next.fetch_add(group); begin < size; begin = next.fetch_add(group)) {
        if (worker == 0 && progress) {
          progress(begin);
        }
        work(worker, begin, std::min(begin + group, size));
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      failure = failure ? failure : std::current_exception();
      next = size;
    }
  };
  std::vector<std::thread> threads;
  const std::size_t workers = std::min(engines_.size(), (size + group - 1) / group);
  for (std::size_t worker = 1; worker < workers; ++worker) {
    threads.emplace_back(loop, worker);
  }
  loop(0);
  for (std::thread& thread : threads) {
    thread.join();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

ProductCounts ProductRunner::run(const Product& product, const VectorStream& stream,
                                 const std::function<void(std::size_t)>& progress) {
  std::vector<ProductCounts> counts(engines_.size());
  const std::size_t group = std::max(engines_.front()->vectors_at_once(), std::size_t{1});
  in_threads(
      stream.size, group,
      [&](std::size_t worker, std::size_t begin, std::size_t end) {
        std::vector<std::vector<std::int32_t>> vectors(end - begin);
        for (std::size_t i = begin; i < end; ++i) {
          stream.make(i, vectors[i - begin]);
        }
        std::vector<eie::RunResult> results =
            engines_[worker]->run_all(product.layer, product.image, vectors, true);
        for (std::size_t i = begin; i < end; ++i) {
          counts[worker].add(results[i - begin]);
          stream.take(i, results[i - begin].outputs);
        }
      },
      progress);
  ProductCounts sum;
  for (const ProductCounts& each : counts) {
    sum += each;
  }
  return sum;
}

void ProductRunner::run_values(const Product& product, const VectorStream& stream,
                               const std::function<void(std::size_t)>& progress) {
  in_threads(
      stream.size, least_group * 4,
      [&](std::size_t /*worker*/, std::size_t begin, std::size_t end) {
        std::vector<std::int32_t> elements;
        for (std::size_t i = begin; i < end; ++i) {
          stream.make(i, elements);
          std::vector<std::int32_t> outputs = plain_outputs(machine_, product.layer, elements);
          stream.take(i, outputs);
        }
      },
      progress);
}

std::string ProductRunner::check(const Product& product, const std::vector<std::int32_t>& elements) {
  if (checker_ == nullptr) {
    checker_ = eie::make_forked_engine(
        [](const eie::Parameters& machine) { return make_engine(EngineKind::systemc, machine); }, machine_);
  }
  return difference(engines_.front()->run(product.layer, product.image, elements),
                    checker_->run(product.layer, product.image, elements));
}

void ProductRunner::finish() {
  for (const std::unique_ptr<eie::Engine>& engine : engines_) {
    engine->finish();
  }
}

}  // namespace lacuna

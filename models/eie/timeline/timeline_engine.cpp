#include "models/eie/timeline/timeline_engine.h"

#include <algorithm>

#include "models/common/error.h"
#include "models/eie/timeline/interval_classes.h"
#include "models/eie/timeline/timing.h"
#include "models/eie/timeline/values.h"

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

namespace {

class TimelineEngine : public Engine {
 public:
  explicit TimelineEngine(const Parameters& parameters) : parameters_(parameters) {
    check_parameters(parameters_);
  }

  std::string_view name() const override { return "timeline"; }
  const Parameters& parameters() const override { return parameters_; }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                Outputs outputs) override {
    RunResult result = time(layer, image, activations);
    if (outputs == Outputs::wanted) {
      compute_values({parameters_, layer, image, cache_.values(image)}, &activations, 1, &result);
    }
    return result;
  }

  std::vector<RunResult> run_all(const Layer& layer, const MemoryImage& image,
                                 const std::vector<std::vector<std::int32_t>>& vectors,
                                 Outputs outputs) override {
    std::vector<RunResult> results;
    results.reserve(vectors.size());
    for (const std::vector<std::int32_t>& vector : vectors) {
      results.push_back(time(layer, image, vector));
    }
    if (outputs == Outputs::wanted) {
      compute_values({parameters_, layer, image, cache_.values(image)}, vectors.data(), vectors.size(),
                     results.data());
    }
    return results;
  }

  std::size_t vectors_at_once() const override { return 64; }

  void count_intervals(ClassIntervals* intervals) override { intervals_ = intervals; }

  void observe(CycleObserver* observer) override {
    if (observer != nullptr) {
      throw ConfigurationError({{}, 0, "engine"}, "the timeline engine has no clock to observe",
                               "engines with a clock: systemc, rtl");
    }
  }

 private:
  RunResult time(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations) {
    const ColumnCounts& counts = cache_.counts(image);
    if (intervals_ != nullptr) {
      count_interval_classes(parameters_, counts,
                             Schedule(parameters_, LayerShape::of(layer), counts, activations), *intervals_);
    }
    return simulate_timing(parameters_, counts, LayerShape::of(layer), activations);
  }

  /// Of derived tables; some 9 bytes per stored entry.
  static constexpr std::uint64_t most_cached_bytes = std::uint64_t{1} << 28;

  Parameters parameters_;
  ImageCache cache_{most_cached_bytes};
  ClassIntervals* intervals_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> make_timeline_engine(const Parameters& parameters) {
  return std::make_unique<TimelineEngine>(parameters);
}

}  // namespace lacuna::eie

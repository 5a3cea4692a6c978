#include "models/eie/timeline/timeline_engine.h"

#include "models/common/error.h"
#include "models/eie/timeline/image_cache.h"
#include "models/eie/timeline/timing.h"
#include "models/eie/timeline/values.h"

namespace lacuna::eie {
namespace {

class TimelineEngine : public Engine {
 public:
  explicit TimelineEngine(const Parameters& parameters) : parameters_(parameters) {
    check_parameters(parameters_);
  }

  std::string_view name() const override { return "timeline"; }
  const Parameters& parameters() const override { return parameters_; }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                bool want_outputs) override {
    RunResult result = time(layer, image, activations);
    if (want_outputs) {
      compute_values({parameters_, layer, image, cache_.values(image)}, &activations, 1, &result);
    }
    return result;
  }

  std::vector<RunResult> run_all(const Layer& layer, const MemoryImage& image,
                                 const std::vector<std::vector<std::int32_t>>& vectors,
                                 bool want_outputs) override {
    std::vector<RunResult> results;
    results.reserve(vectors.size());
    for (const std::vector<std::int32_t>& vector : vectors) {
      results.push_back(time(layer, image, vector));
    }
    if (want_outputs) {
      compute_values({parameters_, layer, image, cache_.values(image)}, vectors.data(), vectors.size(),
                     results.data());
    }
    return results;
  }

  std::size_t vectors_at_once() const override { return 64; }

  void observe(CycleObserver* observer) override {
    if (observer != nullptr) {
      throw ConfigurationError({{}, 0, "engine"}, "the timeline engine has no clock to observe",
                               "engines with a clock: systemc, rtl");
    }
  }

 private:
  RunResult time(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations) {
    return simulate_timing(parameters_, cache_.counts(image), LayerShape::of(layer), activations);
  }

  /// Of derived tables; some 9 bytes per stored entry.
  static constexpr std::uint64_t most_cached_bytes = std::uint64_t{1} << 28;

  Parameters parameters_;
  ImageCache cache_{most_cached_bytes};
};

}  // namespace

std::unique_ptr<Engine> make_timeline_engine(const Parameters& parameters) {
  return std::make_unique<TimelineEngine>(parameters);
}

}  // namespace lacuna::eie

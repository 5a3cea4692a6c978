#include "models/eie/timeline/timeline_engine.h"

#include <algorithm>
#include <utility>

#include "models/common/error.h"
#include "models/eie/timeline/interval_classes.h"
#include "models/eie/timeline/timing.h"
#include "models/eie/timeline/values.h"

namespace lacuna::eie {

const ColumnCounts& CountsCache::of(const CodedMatrix& matrix, const MemoryImage& image) {
  const std::uint64_t identity = image.identity.number();
  const auto found = std::find_if(counted_.begin(), counted_.end(),
                                  [&](const Counted& each) { return each.identity == identity; });
  if (found == counted_.end()) {
    add(image, ColumnCounts::of(matrix, image.geometry));
  } else {
    counted_.splice(counted_.begin(), counted_, found);
  }
  return counted_.front().counts;
}

void CountsCache::add(const MemoryImage& image, ColumnCounts counts) {
  counted_.push_front({image.identity.number(), std::move(counts)});
  std::uint64_t bytes = 0;
  for (const Counted& each : counted_) {
    bytes += each.counts.bytes();
  }
  while (counted_.size() > 1 && bytes > most_bytes_) {
    bytes -= counted_.back().counts.bytes();
    counted_.pop_back();
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

  MemoryImage image_of(const Layer& layer) override {
    MemoryImage image = image_shape(layer.matrix, image_geometry(parameters_));
    ColumnCounts counts = ColumnCounts::of(layer.matrix, image.geometry);
    image.counted_entries = counts.pe_entries();
    image.stored_entries = counts.stored_entries();
    image.padding_entries = counts.padding_entries();
    cache_.add(image, std::move(counts));
    return image;
  }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                Outputs outputs) override {
    RunResult result = time(layer, image, activations);
    if (outputs == Outputs::wanted) {
      compute_values(parameters_, layer, &activations, 1, &result);
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
      compute_values(parameters_, layer, vectors.data(), vectors.size(), results.data());
    }
    return results;
  }

  std::size_t vectors_at_once() const override { return 64; }

  void count_intervals(ClassIntervals* intervals) override { times_.intervals = intervals; }
  void record(RunTrace* trace) override { times_.trace = trace; }

  void observe(CycleObserver* observer) override {
    if (observer != nullptr) {
      throw ConfigurationError({{}, 0, "engine"}, "the timeline engine has no clock to observe",
                               "engines with a clock: systemc, rtl");
    }
  }

 private:
  RunResult time(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations) {
    const ColumnCounts& counts = cache_.of(layer.matrix, image);
    if (times_.intervals != nullptr || times_.trace != nullptr) {
      note_class_times(parameters_, counts, Schedule(parameters_, LayerShape::of(layer), counts, activations),
                       times_);
    }
    return simulate_timing(parameters_, counts, LayerShape::of(layer), activations);
  }

  /// Of counts; mostly four or five bytes per image column and PE.
  static constexpr std::uint64_t most_cached_bytes = std::uint64_t{1} << 28;

  Parameters parameters_;
  CountsCache cache_{most_cached_bytes};
  ClassTimes times_;
};

}  // namespace

std::unique_ptr<Engine> make_timeline_engine(const Parameters& parameters) {
  return std::make_unique<TimelineEngine>(parameters);
}

}  // namespace lacuna::eie

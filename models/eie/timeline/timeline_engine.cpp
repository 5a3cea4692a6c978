#include "models/eie/timeline/timeline_engine.h"

#include "models/common/error.h"
#include "models/eie/timeline/row_reads.h"
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
    const ColumnCounts counts = ColumnCounts::of(image);
    const Schedule schedule(parameters_, LayerShape::of(layer), counts, activations);
    RunResult result =
        simulate_timing(parameters_, counts, schedule,
                        count_spmat_row_reads(counts, schedule, parameters_.entries_per_spmat_row()));
    if (want_outputs) {
      compute_values(parameters_, layer, image, schedule.broadcasts(), activations, result);
    }
    return result;
  }

  void observe(CycleObserver* observer) override {
    if (observer != nullptr) {
      throw ConfigurationError({{}, 0, "engine"}, "the timeline engine has no clock to observe",
                               "engines with a clock: systemc, rtl");
    }
  }

 private:
  Parameters parameters_;
};

}  // namespace

std::unique_ptr<Engine> make_timeline_engine(const Parameters& parameters) {
  return std::make_unique<TimelineEngine>(parameters);
}

}  // namespace lacuna::eie

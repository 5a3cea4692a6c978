#include "tests/models/eie/machine_runs.h"

#include <memory>
#include <utility>

#include "models/eie/forked_engine.h"
#include "models/eie/systemc/systemc_engine.h"

namespace lacuna::test {
namespace {

std::unique_ptr<eie::Engine> forked_systemc(const eie::Parameters& parameters) {
  return eie::make_forked_engine([](const eie::Parameters& p) { return eie::make_systemc_engine(p); },
                                 parameters);
}

eie::MemoryImage fitting_image(const Case& c) {
  eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  eie::check_capacity(c.parameters, c.layer, image);
  return image;
}

}  // namespace

eie::RunResult run_systemc(const Case& c) {
  return forked_systemc(c.parameters)->run(c.layer, fitting_image(c), c.activations);
}

namespace {

/// Makes every run the last of several on one machine.
class RepeatingEngine : public eie::Engine {
 public:
  RepeatingEngine(std::unique_ptr<eie::Engine> engine, int runs_before)
      : engine_(std::move(engine)), runs_before_(runs_before) {}

  std::string_view name() const override { return engine_->name(); }
  const eie::Parameters& parameters() const override { return engine_->parameters(); }
  void observe(eie::CycleObserver* observer) override { engine_->observe(observer); }
  eie::RunResult run(const eie::Layer& layer, const eie::MemoryImage& image,
                     const std::vector<std::int32_t>& activations, eie::Outputs outputs) override {
    const std::vector<std::int32_t> dense(activations.size(), 1);
    for (int i = 0; i < runs_before_; ++i) {
      engine_->run(layer, image, dense, outputs);
    }
    return engine_->run(layer, image, activations, outputs);
  }

 private:
  std::unique_ptr<eie::Engine> engine_;
  int runs_before_;
};

}  // namespace

eie::RunResult run_systemc_after(const Case& c, int runs_before) {
  const auto make = [runs_before](const eie::Parameters& p) -> std::unique_ptr<eie::Engine> {
    return std::make_unique<RepeatingEngine>(eie::make_systemc_engine(p), runs_before);
  };
  return eie::make_forked_engine(make, c.parameters)->run(c.layer, fitting_image(c), c.activations);
}

ObservedRun run_systemc_observed(const Case& c) {
  ObservedRun run;
  const auto engine = forked_systemc(c.parameters);
  engine->observe(&run);
  run.result = engine->run(c.layer, fitting_image(c), c.activations);
  return run;
}

ActiveEntries active_entries(const Case& c) {
  const eie::MemoryImage image = fitting_image(c);
  ActiveEntries active;
  for (std::uint32_t column = 0; column < c.layer.matrix.columns; ++column) {
    const bool bias = c.layer.has_bias && column + 1 == c.layer.matrix.columns;
    const bool sent = bias || (c.parameters.nonzero_detection == eie::NonzeroDetection::positive
                                   ? c.activations[column] > 0
                                   : c.activations[column] != 0);
    if (!sent) {
      continue;
    }
    active.nonzeros += c.layer.matrix.column_starts[column + 1] - c.layer.matrix.column_starts[column];
    for (const eie::PeMemory& memory : image.pes) {
      for (std::uint32_t batch = 0; batch < image.row_batches; ++batch) {
        const std::size_t image_column = std::size_t{batch} * image.columns + column;
        active.stored += memory.pointers[image_column + 1] - memory.pointers[image_column];
      }
    }
  }
  return active;
}

}  // namespace lacuna::test

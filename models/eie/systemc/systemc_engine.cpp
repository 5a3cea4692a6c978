#include "models/eie/systemc/systemc_engine.h"

#include "models/common/systemc/testbench.h"
#include "models/common/systemc/wave_file.h"
#include "models/eie/systemc/machine.h"

namespace lacuna::eie {
namespace {

class SystemCEngine : public Engine {
 public:
  // The clock starts with a falling edge: central control settles cycle 0 before the first rising edge ends
  // it.
  SystemCEngine(const Parameters& parameters, const SystemCOptions& options)
      : machine_("machine", parameters),
        shape_(options.wave_path.empty() ? ClockShape::pulse : ClockShape::square),
        testbench_("testbench", parameters.clock_mhz, FirstEdge::falling, {&machine_.done()}, shape_) {
    machine_.clock(testbench_.clock);
    machine_.reset(testbench_.reset);
    if (!options.wave_path.empty()) {
      wave_ = std::make_unique<WaveFile>(options.wave_path, options.wave_only);
      testbench_.clock.show_in_waves();
      machine_.trace(wave_->handle());
      wave_->check_selection();
    }
  }

  std::string_view name() const override { return "systemc"; }
  const Parameters& parameters() const override { return machine_.parameters; }
  void observe(CycleObserver* observer) override { machine_.observe(observer); }
  void count_intervals(ClassIntervals* intervals) override { machine_.count_intervals(intervals); }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                Outputs outputs) override {
    // A pulse's rising edge is over when the run before has ended, so that this one begins a cycle later.
    if (shape_ == ClockShape::pulse) {
      machine_.start(layer, image, activations);
    } else {
      machine_.start_behind(layer, image, activations);
    }
    testbench_.run();
    machine_.take_intervals();
    RunResult result = machine_.result();
    if (outputs == Outputs::skipped) {
      forget_values(result);
    }
    return result;
  }

  void finish() override {
    if (wave_) {
      wave_->finish();
      wave_.reset();
    }
  }

 private:
  KernelClaim claim_;
  systemc::Machine machine_;
  const ClockShape shape_;
  Testbench testbench_;
  std::unique_ptr<WaveFile> wave_;
};

}  // namespace

std::unique_ptr<Engine> make_systemc_engine(const Parameters& parameters, const SystemCOptions& options) {
  return std::make_unique<SystemCEngine>(parameters, options);
}

}  // namespace lacuna::eie

#include "models/eie/systemc/systemc_engine.h"

#include "models/common/systemc/elaboration.h"
#include "models/common/systemc/wave_file.h"
#include "models/eie/systemc/machine.h"

namespace lacuna::eie {
namespace {

class SystemCEngine : public Engine {
 public:
  SystemCEngine(const Parameters& parameters, const SystemCOptions& options)
      : parameters_(parameters), machine_("machine", parameters_) {
    if (!options.wave_path.empty()) {
      wave_ = std::make_unique<WaveFile>(options.wave_path);
      machine_.trace(wave_->handle());
    }
  }

  std::string_view name() const override { return "systemc"; }
  const Parameters& parameters() const override { return parameters_; }
  void observe(CycleObserver* observer) override { machine_.observe(observer); }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                bool want_outputs) override {
    std::vector<std::int32_t> outputs(layer.outputs());
    systemc::RunContext context;
    context.parameters = &parameters_;
    context.layer = &layer;
    context.image = &image;
    context.activations = &activations;
    context.plan = plan_batches(parameters_, layer.inputs(), layer.outputs(), layer.has_bias);
    context.outputs = &outputs;
    RunResult result = machine_.run(context);
    if (want_outputs) {
      result.outputs = std::move(outputs);
    } else {
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
  const Parameters parameters_;
  systemc::Machine machine_;
  std::unique_ptr<WaveFile> wave_;
};

}  // namespace

std::unique_ptr<Engine> make_systemc_engine(const Parameters& parameters, const SystemCOptions& options) {
  check_parameters(parameters);
  begin_elaboration();
  return std::make_unique<SystemCEngine>(parameters, options);
}

}  // namespace lacuna::eie

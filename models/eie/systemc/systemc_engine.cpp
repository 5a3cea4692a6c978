#include "models/eie/systemc/systemc_engine.h"

#include <sysc/tracing/sc_tracing_ids.h>

#include "models/common/error.h"
#include "models/eie/systemc/machine.h"
#include "models/eie/systemc/wave_file.h"

namespace lacuna::eie {
namespace {

class SystemCEngine : public Engine {
 public:
  SystemCEngine(const Parameters& parameters, const SystemCOptions& options)
      : parameters_(parameters), machine_("machine", parameters_) {
    if (!options.wave_path.empty()) {
      wave_ = std::make_unique<systemc::WaveFile>(options.wave_path);
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
  std::unique_ptr<systemc::WaveFile> wave_;
};

}  // namespace

std::unique_ptr<Engine> make_systemc_engine(const Parameters& parameters, const SystemCOptions& options) {
  static bool elaborated = false;
  check_parameters(parameters);
  if (elaborated) {
    throw ConfigurationError(
        {}, "a second machine in one process",
        "SystemC elaborates one machine per process; run others in a process of their own");
  }
  elaborated = true;
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  // A run may be refused or interrupted before its first cycle; its wave file is dropped then.
  sc_core::sc_report_handler::set_actions(sc_core::SC_ID_TRACING_CLOSE_EMPTY_FILE_, sc_core::SC_DO_NOTHING);
  return std::make_unique<SystemCEngine>(parameters, options);
}

}  // namespace lacuna::eie

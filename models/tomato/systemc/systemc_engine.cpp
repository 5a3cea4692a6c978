#include "models/tomato/systemc/systemc_engine.h"

#include "models/common/systemc/elaboration.h"
#include "models/tomato/systemc/machine.h"

namespace lacuna::tomato {
namespace {

class SystemCEngine : public Engine {
 public:
  SystemCEngine(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                const SystemCOptions& options)
      : pipeline_(pipeline), analysis_(analysis), machine_("machine", pipeline_, analysis_, parameters) {
    if (!options.wave_path.empty()) {
      wave_ = std::make_unique<WaveFile>(options.wave_path);
      machine_.trace(wave_->handle());
    }
  }

  std::string_view name() const override { return "systemc"; }
  RunResult run(const RunInput& input) override {
    check_input(pipeline_, analysis_, input);
    return machine_.run(input);
  }
  void finish() override {
    if (wave_) {
      wave_->finish();
      wave_.reset();
    }
  }

 private:
  const Pipeline pipeline_;
  const Analysis analysis_;
  systemc::Machine machine_;
  std::unique_ptr<WaveFile> wave_;
};

}  // namespace

std::unique_ptr<Engine> make_systemc_engine(const Pipeline& pipeline, const Parameters& parameters,
                                            const SystemCOptions& options) {
  const Analysis analysis = analyse(pipeline, parameters);
  begin_elaboration();
  return std::make_unique<SystemCEngine>(pipeline, analysis, parameters, options);
}

}  // namespace lacuna::tomato

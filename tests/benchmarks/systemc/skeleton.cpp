#include "tests/benchmarks/systemc/skeleton.h"

#include <memory>
#include <string>
#include <systemc>
#include <vector>

namespace lacuna::benchmark {
namespace {

using Signal = sc_core::sc_signal<std::uint32_t>;

/// A module with one clocked method.
class SkeletonModule : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(SkeletonModule);
  SkeletonModule(const sc_core::sc_module_name& name, sc_core::sc_clock& source, Signal* read,
                 Signal* written)
      : sc_module(name), clock("clock"), read_(read), written_(written) {
    clock(source);
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  sc_core::sc_in<bool> clock;
  std::uint64_t count = 0;

 private:
  void on_clock() {
    count += read_ != nullptr ? read_->read() : 1;
    if (written_ != nullptr) {
      written_->write(static_cast<std::uint32_t>(count));
    }
  }

  const Signal* read_;
  Signal* written_;
};

}  // namespace

std::uint64_t run_skeleton(Skeleton kind, std::uint32_t pes, std::uint64_t cycles) {
  sc_core::sc_clock clock("clock", 1, sc_core::SC_NS);
  Signal broadcast("broadcast");
  std::vector<std::unique_ptr<Signal>> signals;
  std::vector<std::unique_ptr<SkeletonModule>> modules;
  if (kind == Skeleton::shared_signal) {
    modules.push_back(std::make_unique<SkeletonModule>("control", clock, nullptr, &broadcast));
  }
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    const std::string name = "PE" + std::to_string(pe);
    if (kind == Skeleton::shared_signal) {
      modules.push_back(std::make_unique<SkeletonModule>(name.c_str(), clock, &broadcast, nullptr));
    } else {
      signals.push_back(std::make_unique<Signal>((name + "_state").c_str()));
      modules.push_back(std::make_unique<SkeletonModule>(name.c_str(), clock, nullptr, signals.back().get()));
    }
  }
  sc_core::sc_start(sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS));
  std::uint64_t sum = 0;
  for (const auto& module : modules) {
    sum += module->count;
  }
  return sum;
}

}  // namespace lacuna::benchmark

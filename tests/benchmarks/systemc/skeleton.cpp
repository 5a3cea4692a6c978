#include "tests/benchmarks/systemc/skeleton.h"

#include <memory>
#include <string>
#include <systemc>
#include <vector>

namespace lacuna::benchmark {
namespace {

class SkeletonPe : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(SkeletonPe);
  SkeletonPe(const sc_core::sc_module_name& name) : sc_module(name), clock("clock"), broadcast("broadcast") {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  sc_core::sc_in<bool> clock;
  sc_core::sc_in<std::uint32_t> broadcast;
  std::uint64_t sum = 0;

 private:
  void on_clock() { sum += broadcast.read(); }
};

class SkeletonControl : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(SkeletonControl);
  SkeletonControl(const sc_core::sc_module_name& name)
      : sc_module(name), clock("clock"), broadcast("broadcast") {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  sc_core::sc_in<bool> clock;
  sc_core::sc_out<std::uint32_t> broadcast;

 private:
  void on_clock() { broadcast.write(++count_); }
  std::uint32_t count_ = 0;
};

}  // namespace

std::uint64_t run_skeleton(std::uint32_t pes, std::uint64_t cycles) {
  sc_core::sc_clock clock("clock", 1, sc_core::SC_NS);
  sc_core::sc_signal<std::uint32_t> broadcast("broadcast");
  SkeletonControl control("control");
  control.clock(clock);
  control.broadcast(broadcast);
  std::vector<std::unique_ptr<SkeletonPe>> modules;
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    modules.push_back(std::make_unique<SkeletonPe>(("pe" + std::to_string(pe)).c_str()));
    modules.back()->clock(clock);
    modules.back()->broadcast(broadcast);
  }
  sc_core::sc_start(sc_core::sc_time(static_cast<double>(cycles), sc_core::SC_NS));
  std::uint64_t sum = 0;
  for (const auto& module : modules) {
    sum += module->sum;
  }
  return sum;
}

}  // namespace lacuna::benchmark

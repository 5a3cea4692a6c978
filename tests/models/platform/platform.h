#pragma once

#include <functional>
#include <string>
#include <systemc>

namespace lacuna::test {

inline const sc_core::sc_time clock_period{10, sc_core::SC_NS};

/// A thread of the platform that runs a program: what a processor, a source of pictures or a display would
/// be.
class Processor : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Processor);
  Processor(const sc_core::sc_module_name& name, std::function<void()> program);

 private:
  void run() { program_(); }

  std::function<void()> program_;
};

/// The clock and the reset line of a platform. Machines and processors stand beside it.
struct Wires {
  sc_core::sc_clock clock{"clock", clock_period};
  sc_core::sc_signal<bool> reset{"reset"};

  template <class Machine>
  void connect(Machine& machine) {
    machine.clock(clock);
    machine.reset(reset);
  }
};

/// Waits, in a processor's program, for so many rising edges.
void wait_cycles(const Wires& wires, int cycles);

/// Elaborates and simulates a platform in a process of its own, as SystemC elaborates once per process.
/// `build_and_run` returns what is wrong, in words: nothing, as a rule.
std::string in_platform(const std::function<std::string()>& build_and_run);

/// Simulates until the processors have called `sc_stop`, for ten million cycles at most; says so if they
/// never do.
std::string simulate();

}  // namespace lacuna::test

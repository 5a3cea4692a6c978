#include "models/eie/systemc/machine.h"

#include <algorithm>
#include <cmath>

namespace lacuna::eie::systemc {
namespace {

/// The clock's period, an even number of picoseconds so that both edges fall on the kernel's time grid.
sc_core::sc_time period(const Parameters& parameters) {
  const double picoseconds = 2.0 * std::max(1.0, std::round(5e5 / parameters.clock_mhz));
  return {picoseconds, sc_core::SC_PS};
}

}  // namespace

// The clock starts with a falling edge: central control settles cycle 0 before the first rising edge ends it.
Machine::Machine(const sc_core::sc_module_name& name, const Parameters& parameters)
    : sc_module(name),
      clock_("clock", period(parameters), 0.5, sc_core::SC_ZERO_TIME, false),
      pes_(make_pes(parameters, lines_)),
      control_("CCU", parameters, lines_, pe_pointers()) {
  control_.clock(clock_);
  for (const auto& pe : pes_) {
    pe->clock(clock_);
  }
}

std::vector<std::unique_ptr<ProcessingElement>> Machine::make_pes(const Parameters& parameters,
                                                                  Lines& lines) {
  std::vector<std::unique_ptr<ProcessingElement>> pes;
  for (std::uint32_t index = 0; index < parameters.pe_count; ++index) {
    const std::string name = "PE" + std::to_string(index);
    pes.push_back(std::make_unique<ProcessingElement>(name.c_str(), index, parameters, lines));
  }
  return pes;
}

std::vector<ProcessingElement*> Machine::pe_pointers() const {
  std::vector<ProcessingElement*> pointers;
  for (const auto& pe : pes_) {
    pointers.push_back(pe.get());
  }
  return pointers;
}

RunResult Machine::run(const RunContext& context) {
  for (const auto& pe : pes_) {
    pe->reset(context);
  }
  control_.start(context);
  sc_core::sc_start();

  RunResult result;
  result.cycles = control_.run_cycles();
  result.control = control_.events();
  for (const auto& pe : pes_) {
    result.pes.push_back(pe->result(control_.run_cycles(), control_.drained_cycle()));
  }
  return result;
}

void Machine::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, clock_, clock_.name());
  control_.trace(file);
  for (const auto& pe : pes_) {
    pe->trace(file);
  }
}

}  // namespace lacuna::eie::systemc

#include "models/eie/systemc/machine.h"

#include <algorithm>
#include <cmath>
#include <string>

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
      groups_(make_groups(parameters, lines_)),
      pes_(all_pes()),
      control_("CCU", parameters, lines_, pes_) {
  control_.clock(clock_);
  for (const auto& group : groups_) {
    group->clock(clock_);
  }
}

std::vector<std::unique_ptr<PeGroup>> Machine::make_groups(const Parameters& parameters, Lines& lines) {
  std::vector<std::unique_ptr<PeGroup>> groups;
  for (std::uint32_t first = 0; first < parameters.pe_count; first += PeGroup::size) {
    const std::string name = "group" + std::to_string(first / PeGroup::size);
    const std::uint32_t pes = std::min(PeGroup::size, parameters.pe_count - first);
    groups.push_back(std::make_unique<PeGroup>(name.c_str(), first, pes, parameters, lines));
  }
  return groups;
}

std::vector<ProcessingElement*> Machine::all_pes() const {
  std::vector<ProcessingElement*> all;
  for (const auto& group : groups_) {
    for (const auto& pe : group->pes) {
      all.push_back(pe.get());
    }
  }
  return all;
}

RunResult Machine::run(const RunContext& context) {
  for (ProcessingElement* pe : pes_) {
    pe->reset(context);
  }
  control_.start(context);
  sc_core::sc_start();

  RunResult result;
  result.cycles = control_.run_cycles();
  result.control = control_.events();
  for (const ProcessingElement* pe : pes_) {
    result.pes.push_back(pe->result(control_.run_cycles(), control_.drained_cycle()));
  }
  return result;
}

void Machine::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, clock_, clock_.name());
  control_.trace(file);
  for (const ProcessingElement* pe : pes_) {
    pe->trace(file);
  }
}

}  // namespace lacuna::eie::systemc

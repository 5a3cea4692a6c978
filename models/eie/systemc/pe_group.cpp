#include "models/eie/systemc/pe_group.h"

#include <string>

namespace lacuna::eie::systemc {

PeGroup::PeGroup(const sc_core::sc_module_name& name, std::uint32_t first_pe, std::uint32_t pe_total,
                 const Parameters& parameters, Lines& lines)
    : sc_module(name), clock("clock"), lines_(lines) {
  for (std::uint32_t pe = first_pe; pe < first_pe + pe_total; ++pe) {
    const std::string pe_name = "PE" + std::to_string(pe);
    pes.push_back(std::make_unique<ProcessingElement>(pe_name.c_str(), pe, parameters, lines));
  }
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
}

void PeGroup::on_clock() {
  if (lines_.phase == Phase::compute) {
    for (const auto& pe : pes) {
      pe->compute();
    }
  } else if (lines_.phase != Phase::idle) {
    for (const auto& pe : pes) {
      pe->transfer(lines_.phase);
    }
  }
}

}  // namespace lacuna::eie::systemc

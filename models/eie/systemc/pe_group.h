#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "models/eie/systemc/processing_element.h"

namespace lacuna::eie::systemc {

/// Four neighbouring processing elements, the leaves of one LNZD node, and the clocked process that steps
/// them. One process for a group instead of one for each unit keeps the kernel's scheduling from costing more
/// than the units.
class PeGroup : public sc_core::sc_module {
 public:
  static constexpr std::uint32_t size = 16;

  SC_HAS_PROCESS(PeGroup);
  PeGroup(const sc_core::sc_module_name& name, std::uint32_t first_pe, std::uint32_t pe_total,
          const Parameters& parameters, Lines& lines);

  sc_core::sc_in<bool> clock;
  std::vector<std::unique_ptr<ProcessingElement>> pes;

 private:
  void on_clock();

  const Lines& lines_;
};

}  // namespace lacuna::eie::systemc

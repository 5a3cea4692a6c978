#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/capacity.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie::systemc {

/// What one run works on; set before the run starts and constant during it.
struct RunContext {
  const Parameters* parameters = nullptr;
  const Layer* layer = nullptr;
  const MemoryImage* image = nullptr;
  const std::vector<std::int32_t>* activations = nullptr;
  BatchPlan plan;
  std::vector<std::int32_t>* outputs = nullptr;  ///< raw outputs of the layer, in row order

  /// Entries that each PE moves for `elements` activations spread over all PEs.
  std::uint32_t entries_per_pe(std::uint32_t elements) const {
    return (elements + parameters->pe_count - 1) / parameters->pe_count;
  }
  /// Cycles to move `entries` activations between a register file and the activation SRAM.
  std::uint64_t transfer_cycles(std::uint32_t entries) const {
    return eie::transfer_cycles(*parameters, entries);
  }
};

}  // namespace lacuna::eie::systemc

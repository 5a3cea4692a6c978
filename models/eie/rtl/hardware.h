#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie {

/// Depths of one PE's memories in the RTL. They bound the layers that a compiled machine can run, not their
/// timing.
struct MemoryDepths {
  std::uint64_t spmat_rows = 0;
  std::uint64_t pointers = 0;
  std::uint64_t source_entries = 0;
  std::uint64_t destination_entries = 0;
  std::uint64_t sram_words = 0;

  bool covers(const MemoryDepths& need) const;
};

/// Where a layer's vectors lie in the activation SRAM: each batch begins with a word of its own.
struct SramLayout {
  std::uint64_t load_words_per_batch = 0;   ///< of a full column batch
  std::uint64_t load_words = 0;             ///< of all column batches; 0 without loads
  std::uint64_t store_words_per_batch = 0;  ///< of a full row batch
  std::uint64_t store_words = 0;            ///< of all row batches; 0 without stores
};

SramLayout sram_layout(const Parameters& parameters, const Layer& layer);

/// What a layer needs.
MemoryDepths needed_depths(const Parameters& parameters, const Layer& layer, const MemoryImage& image);

/// Depths to build with: those of the machine's capacities up to the published sizes, and powers of two
/// beyond, so that most layers share one build.
MemoryDepths build_depths(const Parameters& parameters, const MemoryDepths& need);

/// Name and SystemVerilog value of each parameter of eie_top.
std::vector<std::pair<std::string, std::string>> top_parameters(const Parameters& parameters,
                                                                const MemoryDepths& depths);

/// Bits of a pointer that hold the slot within a sparse-matrix row (contract, section 3).
std::uint32_t slot_bits(const Parameters& parameters);

/// Bits of one PE's slice of the I/O bus: a multiple of 32 that holds the widest word.
std::uint32_t io_bits(const Parameters& parameters);

/// Bits of a pointer in the RTL: at least one row bit.
std::uint32_t pointer_bits(const Parameters& parameters);

}  // namespace lacuna::eie

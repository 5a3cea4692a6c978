#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/rtl/loaded_machine.h"

namespace lacuna::eie {

/// Loads and reads the memories of a machine in I/O mode (contract, section 3).
class MemoryLoader {
 public:
  MemoryLoader(const Parameters& parameters, LoadedMachine& machine);

  void load_image(const MemoryImage& image);
  void load_codebook(const std::vector<std::int32_t>& codebook);
  /// Into the source registers or, where they come in batches, the activation SRAM.
  void load_activations(const Layer& layer, const std::vector<std::int32_t>& activations);
  /// From the destination registers or, where results are stored, the activation SRAM.
  std::vector<std::int32_t> outputs(const Layer& layer);

 private:
  void load_pointers(const MemoryImage& image);
  void load_entries(const MemoryImage& image);
  void put_packed_activation(std::vector<IoWords>& words, std::uint32_t pe, std::uint64_t bit,
                             std::uint32_t value);

  const Parameters& parameters_;
  LoadedMachine& machine_;
  IoWords words_;
};

}  // namespace lacuna::eie

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/rtl/machine_interface.h"

namespace lacuna::eie {

/// One word of each PE on the I/O bus, as 32-bit words, PE after PE.
class IoWords {
 public:
  IoWords(std::uint32_t io_words, std::uint32_t pe_count) : words_(io_words), per_pe_(io_words / pe_count) {}

  void clear() { words_.assign(words_.size(), 0); }
  /// Puts the low `bits` (1..32) of `value` at bit `offset` of PE `pe`'s word, which holds zeros there.
  void put(std::uint32_t pe, std::uint32_t offset, std::uint32_t bits, std::uint32_t value);
  /// The `bits` (1..32) at bit `offset` of PE `pe`'s word.
  std::uint32_t get(std::uint32_t pe, std::uint32_t offset, std::uint32_t bits) const;
  std::uint32_t* data() { return words_.data(); }
  const std::uint32_t* data() const { return words_.data(); }

 private:
  std::vector<std::uint32_t> words_;
  std::uint32_t per_pe_;
};

/// A compiled machine, loaded and instantiated.
class LoadedMachine {
 public:
  /// Throws ConfigurationError if `shared_object` cannot be loaded.
  explicit LoadedMachine(const std::string& shared_object);
  LoadedMachine(const LoadedMachine&) = delete;
  LoadedMachine& operator=(const LoadedMachine&) = delete;
  ~LoadedMachine();

  const LacunaRtlInterface& interface() const { return *interface_; }
  void* machine() const { return machine_; }

  void write(LacunaRtlMemory memory, std::uint32_t address, const IoWords& words) {
    interface_->write(machine_, memory, address, words.data());
  }
  void read(LacunaRtlRead what, std::uint32_t address, IoWords& words) {
    interface_->read(machine_, what, address, words.data());
  }

 private:
  void* library_ = nullptr;
  const LacunaRtlInterface* interface_ = nullptr;
  void* machine_ = nullptr;
};

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

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "models/memory/schedule.h"

/// A layer in memory, as a job of the machine: what its parts take there, and in the machine's own memories.
namespace lacuna::eie {

/// Sizes that follow from the machine: how its memories look in memory outside (docs/device.md).
struct JobLayout {
  explicit JobLayout(const Parameters& parameters);

  std::size_t codebook_entry_bytes;  ///< 1, 2 or 4: a shared weight, two's complement
  std::size_t activation_bytes;      ///< 1, 2 or 4: an activation or result, two's complement
  std::size_t pointer_bytes;         ///< 1, 2 or 4: (row << slot_bits) | slot
  std::size_t row_bytes;             ///< a row of the sparse-matrix memory, padded to bytes
  std::uint32_t entries_per_row;
  unsigned slot_bits;
  unsigned code_bits;
  unsigned zero_bits;

  std::uint64_t rows(std::uint64_t entries) const {
    return (entries + entries_per_row - 1) / entries_per_row;
  }
};

/// What a layer takes of one PE's memories.
struct PeNeeds {
  std::uint64_t pointers = 0;
  std::uint64_t rows = 0;     ///< of the sparse-matrix memory of the fullest PE
  std::uint64_t inputs = 0;   ///< activations
  std::uint64_t outputs = 0;  ///< results
  /// Activations in the activation memory because the layer runs in batches (contract, section 8).
  std::uint64_t batched = 0;

  static PeNeeds of(const Parameters& parameters, const LayerShape& shape, std::uint32_t row_batches,
                    std::uint64_t most_rows);
};

/// Whether the pointer and sparse-matrix memories hold another layer beside the one at work (double
/// buffering; the codebook has two banks, our choice).
bool fits_beside(const Parameters& parameters, const PeNeeds& held, const PeNeeds& next);

/// Whether the activation memories hold the next vector's activations beside what an item at work needs for
/// its batches, and its results.
bool item_fits_beside(const Parameters& parameters, const PeNeeds& at_work, const PeNeeds& next);

/// Bytes of a layer's parts in memory.
struct JobBytes {
  std::uint64_t codebook = 0;
  std::uint64_t pointers = 0;
  std::uint64_t rows = 0;
  std::uint64_t input = 0;   ///< of a vector
  std::uint64_t output = 0;  ///< of a vector
};

/// `stored_entries` of each PE, padding included.
JobBytes job_bytes(const Parameters& parameters, const LayerShape& shape, std::size_t codebook_entries,
                   std::uint32_t row_batches, const std::vector<std::uint64_t>& stored_entries);

/// The machine and a job as models/memory takes them. Addresses are left at 0; of `run_cycles` there is one
/// for each vector.
memory::Machine memory_machine(const Parameters& parameters);
memory::Job memory_job(const Parameters& parameters, const LayerShape& shape, std::size_t codebook_entries,
                       std::uint32_t row_batches, const std::vector<std::uint64_t>& stored_entries,
                       std::vector<std::uint64_t> run_cycles);

}  // namespace lacuna::eie

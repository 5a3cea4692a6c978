#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/device/job.h"
#include "models/eie/capacity.h"
#include "models/eie/device/job_data.h"
#include "models/eie/engine.h"

namespace lacuna::eie {

/// A layer that a descriptor describes, with its constants as they come: codebook, pointers, rows. Everything
/// is checked before the machine sees it.
class EieJob : public device::Job {
 public:
  /// Throws JobError: FIELD, CAPACITY.
  EieJob(const Parameters& parameters, const device::JobHeader& header,
         const std::vector<std::uint8_t>& descriptor);

  std::optional<device::Transfer> next_load() const override;
  void take_load(std::vector<std::uint8_t> bytes) override;
  std::uint32_t items() const override { return header.items; }
  device::Transfer input(std::uint32_t item) const override;
  device::Transfer output(std::uint32_t item) const override;

  /// What the job takes of a PE's memories, as far as it is known.
  PeNeeds needs() const {
    return PeNeeds::of(parameters_, LayerShape::of(layer), image.row_batches, layout_.rows(most_entries_));
  }

  /// Throws JobError (VALUE) for what lies outside the format.
  std::vector<std::int32_t> activations(const std::vector<std::uint8_t>& bytes) const;
  std::vector<std::uint8_t> result_bytes(const std::vector<std::int32_t>& outputs) const {
    return values_to_bytes(outputs, layout_.activation_bytes);
  }

  Layer layer;                        ///< without its matrix, of which only the shape is known
  MemoryImage image;                  ///< complete once `next_load` gives nothing
  std::vector<std::int32_t> at_work;  ///< activations of the item that the machine computes

 private:
  enum class Part : std::uint8_t { codebook, pointers, rows, none };

  std::uint64_t pointers_per_pe() const { return std::uint64_t{image.columns} * image.row_batches + 1; }
  void check_fits() const;
  void take_codebook(const std::vector<std::uint8_t>& bytes);
  void take_pointers(const std::vector<std::uint8_t>& bytes);
  void take_rows(const std::vector<std::uint8_t>& bytes);
  void check_entries(std::size_t pe) const;

  const Parameters& parameters_;
  const JobLayout layout_;
  JobFields fields_;
  Part part_ = Part::codebook;
  std::uint64_t most_entries_ = 0;
};

}  // namespace lacuna::eie

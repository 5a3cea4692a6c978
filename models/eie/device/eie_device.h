#pragma once

#include <memory>
#include <vector>

#include "models/device/device.h"
#include "models/eie/device/job_data.h"
#include "models/eie/parameters.h"
#include "models/eie/systemc/machine.h"

namespace lacuna::eie {

/// X(name, offset, parameter, meaning): the device's own registers, what a driver has to know of the machine.
#define LACUNA_EIE_DEVICE_REGISTERS(X)                                                               \
  X(PE_COUNT, 0x100, pe_count, "processing elements")                                                \
  X(SPMAT_ROW_BITS, 0x104, spmat_width_bits, "width of a row of the sparse-matrix memory")           \
  X(CODE_BITS, 0x108, codebook_index_bits, "of an entry's weight code")                              \
  X(ZERO_BITS, 0x10C, relative_index_bits, "of an entry's zero count")                               \
  X(POINTER_BITS, 0x110, pointer_width_bits, "width of a pointer")                                   \
  X(WEIGHT_BITS, 0x114, weight_value_width_bits, "width of a shared weight")                         \
  X(ACTIVATION_BITS, 0x118, activation_width_bits, "width of an activation and of a result")         \
  X(ACCUMULATOR_BITS, 0x11C, accumulator_width_bits, "width of an accumulator")                      \
  X(REGISTER_ENTRIES, 0x120, register_file_entries,                                                  \
    "activations in a PE's register file, which decides the order of the entries; 0: whole vectors") \
  X(SPMAT_BYTES, 0x124, spmat_capacity_bytes, "sparse-matrix memory of a PE")                        \
  X(POINTER_BYTES, 0x128, pointer_capacity_bytes, "pointer memory of a PE")                          \
  X(ACTIVATION_BYTES, 0x12C, activation_sram_bytes, "activation memory of a PE")

/// The EIE machine as a device (models/device/device.h has its ports and registers, job_data.h its jobs): a
/// job is a layer, an item a vector of activations. Each vector is a run of the machine and takes the cycles
/// that any engine counts for it.
///
/// With double buffering the activation memories hold the next vector's activations and the last one's
/// results where they have room beside what the layer's batches need, and the pointer and sparse-matrix
/// memories hold the next job's layer where both fit; the codebook has two banks. Registers beyond the
/// published machine: none.
class Device : public device::Device {
 public:
  /// Throws ConfigurationError.
  Device(const sc_core::sc_module_name& name, const Parameters& machine,
         const device::DeviceParameters& parameters = {});

  const Parameters& machine_parameters() const { return machine_.parameters; }
  /// Adds the machine's units too.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  std::unique_ptr<device::Job> open(const device::JobHeader& header,
                                    const std::vector<std::uint8_t>& descriptor) override;
  bool fits_beside(const device::Job& held, const device::Job& next) const override;
  bool item_fits_beside(const device::Job& at_work, const device::Job& next) const override;
  void begin(device::Job& job, std::uint32_t item, const std::vector<std::uint8_t>& input) override;
  device::ItemResult finish(device::Job& job, std::uint32_t item) override;

  systemc::Machine machine_;
};

}  // namespace lacuna::eie

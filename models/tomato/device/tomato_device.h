#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/device/device.h"
#include "models/tomato/systemc/machine.h"

namespace lacuna::tomato {

inline constexpr std::uint32_t device_family = 2;

/// X(type, name, meaning): the fields of a job behind those that all jobs have.
#define LACUNA_TOMATO_JOB_FIELDS(X) \
  X(u32, frames_per_run, "frames that go through the pipeline back to back; the buffers hold that many")

namespace device_types {
using device::u32;
LACUNA_JOB_STRUCTURE(JobFields, LACUNA_TOMATO_JOB_FIELDS)
}  // namespace device_types
using JobFields = device_types::JobFields;

/// X(name, offset, meaning): the device's own registers.
#define LACUNA_TOMATO_DEVICE_REGISTERS(X)                                                         \
  X(FRAME_HEIGHT, 0x100, "rows of a frame")                                                       \
  X(FRAME_WIDTH, 0x104, "pixels of a row")                                                        \
  X(FRAME_CHANNELS, 0x108, "values of a pixel")                                                   \
  X(FRAME_VALUE_BYTES, 0x10C, "1, 2 or 4: bytes of a value, a mantissa in the source's format")   \
  X(RESULT_HEIGHT, 0x110, "rows of a result")                                                     \
  X(RESULT_WIDTH, 0x114, "pixels of a row")                                                       \
  X(RESULT_CHANNELS, 0x118, "values of a pixel")                                                  \
  X(RESULT_VALUE_BYTES, 0x11C, "1, 2, 4 or 8: bytes of a value, a mantissa of the sink's stream") \
  X(INPUT_BUFFER_BYTES, 0x120, "frames held on the device")                                       \
  X(OUTPUT_BUFFER_BYTES, 0x124, "results held on the device")

struct StreamDeviceParameters {
  device::DeviceParameters device;
  std::uint32_t input_buffer_bytes = 1U << 20U;   ///< our choice: the machine has no memory for whole frames
  std::uint32_t output_buffer_bytes = 1U << 20U;  ///< likewise
};

/// The streaming machine as a device (models/device/device.h has its ports and registers): a job is a
/// sequence of frames, an item a group of `frames_per_run` of them (the last may be smaller). Each group is a
/// run of the machine and takes the cycles that any engine counts for it. Weights are part of the machine, as
/// in the published one: jobs load none. With double buffering the buffers hold the next group's frames and
/// the last one's results where there is room for both.
///
/// Frames and results are mantissas, [pixel][channel], two's complement, in as many bytes as the registers
/// say.
/// (`Device` of this namespace, in sim/tomato, is an FPGA.)
class StreamDevice : public device::Device {
 public:
  /// Throws ConfigurationError, also for a pipeline without weights.
  StreamDevice(const sc_core::sc_module_name& name, const Pipeline& pipeline, const Parameters& machine,
               const StreamDeviceParameters& parameters = {});

  const StreamDeviceParameters stream_parameters;
  /// Adds the machine's units too.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  std::unique_ptr<device::Job> open(const device::JobHeader& header,
                                    const std::vector<std::uint8_t>& descriptor) override;
  bool fits_beside(const device::Job& /*held*/, const device::Job& /*next*/) const override { return true; }
  bool item_fits_beside(const device::Job& at_work, const device::Job& next) const override;
  void begin(device::Job& job, std::uint32_t item, const std::vector<std::uint8_t>& input) override;
  device::ItemResult finish(device::Job& job, std::uint32_t item) override;

  systemc::Machine machine_;
  RunInput run_;
};

}  // namespace lacuna::tomato

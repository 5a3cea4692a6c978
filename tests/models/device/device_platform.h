#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/device/bus.h"
#include "models/device/device.h"
#include "models/device/memory.h"
#include "models/device/processor.h"
#include "models/eie/device/eie_device.h"
#include "models/eie/engine.h"
#include "models/tomato/device/tomato_device.h"
#include "tests/models/device/protocol_checker.h"
#include "tests/models/eie/random_case.h"
#include "tests/models/platform/platform.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {

inline constexpr std::uint64_t device_base = 0x80000000;
inline constexpr std::uint64_t device_stride = 0x1000;

/// A bus with a memory at address 0, a processor, and devices from `device_base` on, each behind a protocol
/// checker on its way to memory.
class DevicePlatform {
 public:
  explicit DevicePlatform(const device::MemoryParameters& memory_parameters = {});

  /// Connects a device; returns its registers' address.
  std::uint64_t add(device::Device& device);
  /// Adds the processor's program. It ends the simulation where it ends.
  void program(std::function<void(device::Processor&)> of_processor);
  /// Simulates; returns what the checkers found, and whether the program came to its end.
  std::string simulate_all();

  Wires wires;
  device::Memory memory;
  device::Bus bus;
  std::deque<sc_core::sc_signal<bool>> interrupts;
  std::deque<ProtocolChecker> checkers;
  std::unique_ptr<device::Processor> processor;

  /// Bytes of memory, one after the other from 4 KiB on, at multiples of `alignment`.
  std::uint64_t put(const std::vector<std::uint8_t>& bytes, std::uint64_t alignment = 8);
  std::uint64_t reserve(std::uint64_t bytes);
  void overwrite(std::uint64_t address, const std::vector<std::uint8_t>& bytes);
  std::vector<std::uint8_t> get(std::uint64_t address, std::uint64_t bytes) const;

 private:
  std::uint64_t free_ = 0x1000;
};

/// Registers of a device, through the processor.
struct DeviceRegisters {
  device::Processor& processor;
  std::uint64_t base;

  std::uint32_t read(device::Register which) const {
    return processor.read_register(base + static_cast<std::uint32_t>(which));
  }
  void write(device::Register which, std::uint32_t value) const {
    processor.write_register(base + static_cast<std::uint32_t>(which), value);
  }
  std::uint64_t read_long(device::Register low) const {
    const std::uint64_t lower = read(low);
    return lower | std::uint64_t{processor.read_register(base + static_cast<std::uint32_t>(low) + 4)} << 32U;
  }
  void start(std::uint64_t job) const;
  bool busy() const { return (read(device::Register::STATUS) & device::STATUS_BUSY) != 0; }
  device::ErrorCode error() const {
    return static_cast<device::ErrorCode>((read(device::Register::STATUS) & device::STATUS_ERROR) >>
                                          device::status_error_shift);
  }
  /// Waits for the interrupt line, or gives up after so many cycles.
  bool wait_for(const sc_core::sc_signal<bool>& line, int cycles = 1000000) const;
};

/// A layer with several vectors in a platform's memory, and what the engine makes of it.
struct EieWork {
  EieWork(const Case& c, std::size_t vectors);

  /// Puts constants, vectors and descriptor into memory; `next` is the following descriptor's address.
  void put(DevicePlatform& platform, std::uint64_t next = 0, std::uint32_t flags = 0);
  std::string check(const DevicePlatform& platform) const;

  Case of;
  std::vector<std::vector<std::int32_t>> vectors;
  std::vector<std::vector<std::int32_t>> expected;
  std::uint64_t cycles = 0;  ///< of all vectors, by the timeline engine
  device::JobHeader header;
  eie::JobFields fields;
  std::uint64_t descriptor = 0;
  std::uint64_t bytes_read = 0;  ///< what the job has to load
};

/// The same for frames of a streaming machine.
struct StreamWork {
  StreamWork(const PipelineCase& c, std::uint32_t frames_per_run);

  void put(DevicePlatform& platform, std::uint64_t next = 0, std::uint32_t flags = 0);
  std::string check(const DevicePlatform& platform) const;

  PipelineCase of;
  tomato::JobFields fields;
  std::vector<std::vector<std::int64_t>> expected;
  std::size_t frame_bytes = 1;   ///< of a value
  std::size_t result_bytes = 1;  ///< of a value
  std::uint64_t cycles = 0;
  device::JobHeader header;
  std::uint64_t descriptor = 0;
};

/// A random pipeline that comes to its end.
PipelineCase running_pipeline(std::uint64_t seed);

/// How a device's port can be modelled; what comes out must not differ.
struct Manner {
  std::string name;
  device::DeviceParameters parameters;
};
const std::vector<Manner>& manners();

/// Runs chains of jobs on a device and checks results, cycles, counters and protocol; returns what is wrong.
std::string run_eie_chain(std::vector<EieWork> chain, const Manner& manner,
                          const device::MemoryParameters& memory = {});
std::string run_stream_chain(std::vector<StreamWork> chain, const Manner& manner);

}  // namespace lacuna::test

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// Where the comparison of generated hardware with the simulation finds its files.
struct HardwareValidationOptions {
  std::string configuration_folder;  ///< configs: tomato/, networks/
  std::string rtl_source_folder;     ///< models/tomato/rtl
  std::string rtl_cache_folder;      ///< where compiled machines are kept
};

/// One machine, run as hardware and by the reference engine.
struct HardwareComparison {
  std::string machine;
  std::size_t units = 0;
  std::uint32_t frames = 0;
  std::uint64_t cycles = 0;       ///< of the run
  std::string cycles_per_frame;   ///< in the steady state
  std::string frames_per_second;  ///< at the configuration's clock
  std::string first_difference;   ///< empty if there is none
};

/// LeNet-5 with its weights on its images, a residual block, a ShuffleNet unit, fire modules over two devices
/// and MobileNet-V1 at an eighth of its width: the generated SystemVerilog under Verilator against SystemC,
/// in every figure of the run and every value at the sink. Compiling them takes minutes, once. Throws
/// Lacuna's errors.
std::vector<HardwareComparison> validate_hardware(const HardwareValidationOptions& options);

/// The table as text, Markdown, lines ending with a line feed.
std::string hardware_text(const std::vector<HardwareComparison>& comparisons);

}  // namespace lacuna

#include "models/eie/rtl/machine_build.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace lacuna::eie {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

/// Larger machines are verilated in two parts (harness_parts.h): Verilator's time grows with the PEs of a
/// whole one, which runs faster.
constexpr std::uint32_t most_pes_of_whole = 4;

// Parameters of eie_top that not both parts have.
constexpr std::array<std::string_view, 4> not_of_pe{"PE_COUNT", "REGISTER_FILE_ENTRIES",
                                                    "LNZD_LATENCY_CYCLES", "POSITIVE_ONLY"};
constexpr std::array<std::string_view, 11> not_of_control{
    "QUEUE_DEPTH",      "SPMAT_WIDTH",       "CODE_BITS",         "INDEX_BITS",
    "POINTER_WIDTH",    "WEIGHT_WIDTH",      "ACCUMULATOR_WIDTH", "ROUNDING",
    "POINTER_PREFETCH", "ARITHMETIC_BYPASS", "SPMAT_ROWS"};

template <std::size_t count>
Values without(const Values& values, const std::array<std::string_view, count>& names) {
  Values kept;
  for (const auto& value : values) {
    if (std::find(names.begin(), names.end(), value.first) == names.end()) {
      kept.push_back(value);
    }
  }
  return kept;
}

VerilatedMachine verilate(const std::string& module, const Values& values) {
  VerilatedMachine machine;
  machine.top = module;
  machine.arguments = {"--prefix", "V" + module,     "-O3",  "--x-assign", "fast",      "--x-initial",
                       "fast",     "--unroll-count", "2000", "-Wno-lint",  "-Wno-fatal"};
  for (const auto& [name, value] : values) {
    machine.arguments.push_back(fmt::format("-G{}={}", name, value));
  }
  return machine;
}

}  // namespace

std::string build_machine(const Parameters& parameters, const MemoryDepths& depths, const RtlBuild& build) {
  const Values values = top_parameters(parameters, depths);
  VerilatedLibrary library;
  if (parameters.pe_count <= most_pes_of_whole) {
    library.machines = {verilate("eie_top", values)};
  } else {
    library.machines = {verilate("eie_control", without(values, not_of_control)),
                        verilate("eie_pe", without(values, not_of_pe))};
  }
  library.content =
      fmt::format("constexpr unsigned pe_count = {};\nconstexpr unsigned activation_width = {};\n",
                  parameters.pe_count, parameters.activation_width_bits);
  library.write_files = [&](const std::filesystem::path& folder, const std::filesystem::path&) {
    std::ofstream(folder / "machine_shape.h") << "#pragma once\n" << library.content;
  };
  library.harness_headers = {"machine_interface.h", "harness_parts.h", "harness_whole.h"};
  library.optimisation = "-O1";  // -O2 takes 1.6 times as long, and the machine runs no faster
  return build_verilated(library, build);
}

}  // namespace lacuna::eie

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lacuna {

/// Where SystemVerilog becomes a shared object, and with what.
struct RtlBuild {
  std::string source_folder;  ///< the modules (.sv) and harness.cpp with its headers
  std::string cache_folder;   ///< compiled machines; created if missing, shared by concurrent processes
  std::string verilator = "verilator";  ///< command
  std::string compiler = "c++";         ///< command
};

/// A machine's module, which lies in a file of its name, in the source folder or among the generated files,
/// as do all modules that it takes.
struct VerilatedMachine {
  std::string top;
  std::vector<std::string> arguments;  ///< of Verilator, without module, sources and output folder
};

/// A shared object with one verilated machine or several behind a harness.
struct VerilatedLibrary {
  std::vector<VerilatedMachine> machines;
  /// What else decides the machines: the text of generated sources.
  std::string content;
  /// Writes generated files (.sv, and headers of the harness) to the first folder, which will have the name
  /// of the second when it is complete. May be null.
  std::function<void(const std::filesystem::path& folder, const std::filesystem::path& final_folder)>
      write_files;
  std::vector<std::string> harness_headers;  ///< in the source folder
  std::string optimisation = "-O2";          ///< of the compiler
};

/// Path of the shared object, verilated and compiled if the cache does not have it. The key is a hash of the
/// library, the sources and the tools' versions. Tells (models/common/notice.h) what it makes. Throws
/// ConfigurationError when sources or tools are missing or fail.
std::string build_verilated(const VerilatedLibrary& library, const RtlBuild& build);

}  // namespace lacuna

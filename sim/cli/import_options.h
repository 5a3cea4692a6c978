#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "sim/data/import/npy_import.h"

namespace lacuna::cli {

/// What `lacuna import` was asked for.
struct ImportOptions {
  std::string format;
  std::string input;
  std::string output;
  bool force = false;
  std::string name;
  bool relu = true;
  std::vector<std::string> provenance;
  DenseLayerFiles files;
  std::uint32_t codebook_index_bits = 4;
  std::string initialisation = "linear";
  std::uint64_t seed = 1;
  std::optional<std::uint32_t> rows;
  std::string layer;
  bool leave_out_bias = false;
};

/// Declares the options on the subcommand.
void add_import_options(CLI::App& command, ImportOptions& options);

/// Options that the chosen format does not read are refused: none is ignored in silence. Throws
/// ConfigurationError, also for one that the format needs.
void check_import_options(const CLI::App& command, const std::string& format);

/// Throws ConfigurationError.
[[noreturn]] void refuse_option(const std::string& option, const std::string& wrong,
                                const std::string& allowed);

}  // namespace lacuna::cli

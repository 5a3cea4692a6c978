#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "sim/regress/regress.h"

namespace lacuna::cli {

/// Files that `regress` and `compare` write.
struct RegressionOutput {
  std::string json;
  std::string junit;
  bool force = false;
};

/// Adds --json, --junit and --force.
void add_output_options(CLI::App& command, RegressionOutput& output);

/// Throws ConfigurationError when a file cannot become an output.
void check_outputs(const RegressionOutput& output);

/// Writes what is asked for; signals wait until it is complete.
void write_outputs(const RegressionOutput& output, const RegressionReport& report);

}  // namespace lacuna::cli

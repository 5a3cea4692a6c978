#pragma once

#include <string>
#include <vector>

#include "sim/family/configuration.h"
#include "sim/report/compare_results.h"

namespace lacuna {

/// A run of a suite: a configuration, the engines that run it, and what they must give.
struct RegressionRun {
  std::string name;
  std::string config;
  ConfigOverrides overrides;  ///< its engine is not set
  std::vector<std::string> engines;
  std::vector<Tolerance> tolerances;  ///< the run's own
  std::string golden;                 ///< path of the expected result
};

/// A regression suite, read and checked.
struct RegressionSuite {
  std::string path;
  std::string name;  ///< the file's name without its extension
  std::string golden_folder;
  std::vector<Tolerance> tolerances;  ///< of all runs
  std::vector<std::string> engines;   ///< names that some family has
  std::vector<RegressionRun> runs;
  std::vector<std::string> notes;  ///< what in the file holds otherwise than it may have been meant
};

/// Reads a suite. Throws ConfigurationError; what is wrong in a configuration that it names shows when that
/// is run, but for engines that its family does not have.
RegressionSuite load_suite(const std::string& path, const Families& families);

/// Keeps the runs and engines with the names given; an empty list keeps all. Throws ConfigurationError for a
/// name that is not there, or when nothing is left.
void select_runs(RegressionSuite& suite, const std::vector<std::string>& names,
                 const std::vector<std::string>& engines);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sim/family/family.h"
#include "sim/regress/suite.h"
#include "sim/report/compare_results.h"

namespace lacuna {

/// What became of one run on one engine.
struct RegressionOutcome {
  enum class Status {
    passed,   ///< as expected, tolerances considered
    changed,  ///< values moved
    missing,  ///< there is no golden result
    failed,   ///< the run ended with an error, or the golden result cannot be read
    updated,  ///< the golden result was written anew; `comparison` shows what moved
  };

  std::string run;
  std::string engine;
  Status status = Status::passed;
  std::string message;  ///< of a failed or missing one
  Comparison comparison;
  double seconds = 0.0;
};

const char* status_name(RegressionOutcome::Status status);

/// What became of a suite.
struct RegressionReport {
  std::string suite;
  std::vector<RegressionOutcome> outcomes;  ///< in the order of the suite
  std::vector<std::string> stale;           ///< files in the golden folder that belong to no run
  std::vector<std::string> notes;           ///< on the suite as a whole

  bool passed() const;
};

struct RegressionOptions {
  Families families;
  DataFolders folders;
  unsigned jobs = 1;     ///< child processes
  bool update = false;   ///< write the golden results of the first engine of each run anew
  bool partial = false;  ///< runs were left out: unused tolerances and golden results say nothing
  /// Called about 20 times a second; may throw to stop the suite.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

/// Runs a suite, each run on each engine in a process of its own, and compares with the golden results. The
/// report does not depend on `jobs`, apart from `seconds`. Throws ConfigurationError for a tolerance of the
/// suite whose metric is in no result, InputDataError when a golden result cannot be written; errors of runs
/// are outcomes.
RegressionReport run_suite(const RegressionSuite& suite, const RegressionOptions& options);

}  // namespace lacuna

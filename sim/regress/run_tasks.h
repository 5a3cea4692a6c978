#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/regress/regress.h"

namespace lacuna {

/// A run on an engine, and its end.
struct RegressionTask {
  const RegressionRun* run = nullptr;
  std::string engine;
  std::string error;              ///< empty when there is a result
  nlohmann::ordered_json result;  ///< lacuna.result/2
  double seconds = 0.0;
};

/// Runs all tasks in processes of their own, `options.jobs` at a time, in the order given.
void run_tasks(std::vector<RegressionTask>& tasks, const RegressionOptions& options);

}  // namespace lacuna

#pragma once

#include <string>

#include "sim/eie/config/load_config.h"

namespace lacuna::cli {

/// What `lacuna run` was asked for, for a machine of kind tomato.
struct TomatoRunArguments {
  std::string config;
  std::string json;
  std::string csv;
  std::string wave;
  ConfigOverrides overrides;
  unsigned jobs = 1;  ///< threads
  bool quiet = false;
};

/// Builds the pipeline that the configuration describes, runs it, and writes and prints its results.
void run_tomato_machine(const TomatoRunArguments& arguments);

}  // namespace lacuna::cli

#pragma once

#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/validate/validate_eie.h"

namespace lacuna {

/// What a published benchmark layer does on a machine.
struct BenchmarkActivity {
  std::string layer;
  Activity activity;
};

/// Runs the nine published layers, generated, on a machine with the timeline engine. Pointers are widened
/// for VGG-6, which does not fit 16-bit ones; no cycle and no event depends on their width.
std::vector<BenchmarkActivity> run_benchmarks(const ValidationOptions& options, eie::Parameters machine);

/// All layers together.
Activity sum_of(const std::vector<BenchmarkActivity>& layers);

/// The activity of one layer. Throws ConfigurationError when it is not among them.
const Activity& activity_of(const std::vector<BenchmarkActivity>& layers, const std::string& layer);

}  // namespace lacuna

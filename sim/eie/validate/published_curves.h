#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// What is published of a curve, and what ours shows.
struct CurveStatement {
  std::string published;
  std::string ours;
  bool holds = false;
};

/// Runs the sweeps fifo-depth.yaml and pe-speedup.yaml of `sweep_folder` (configs/sweeps) on the timeline
/// engine and compares the shape of the curves with what Han's thesis (Stanford 2017), figures 6.10 and 6.14
/// to 6.16, shows. Throws Lacuna's errors.
std::vector<CurveStatement> check_published_curves(const std::string& sweep_folder,
                                                   const std::string& reference_folder);

}  // namespace lacuna

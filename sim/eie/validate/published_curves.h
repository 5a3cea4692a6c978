#pragma once

#include <string>
#include <vector>

#include "sim/family/family.h"

namespace lacuna {

/// What is published of a curve, and what ours shows.
struct CurveStatement {
  std::string published;
  std::string ours;
  bool holds = false;
};

/// Runs the shipped sweeps fifo-depth.yaml and pe-speedup.yaml and compares the shape of the curves with what
/// Han's thesis (Stanford 2017), figures 6.10 and 6.14 to 6.16, shows. Throws Lacuna's errors.
std::vector<CurveStatement> check_published_curves(const ValidationSettings& settings);

/// The statements as text, Markdown.
std::string validation_text(const std::vector<CurveStatement>& statements);

}  // namespace lacuna

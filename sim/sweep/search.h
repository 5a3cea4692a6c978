#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/sweep/runners.h"
#include "sim/sweep/sweep.h"

namespace lacuna {

/// Throws ConfigurationError when this sweep's search cannot be made: by this build, without objectives, or
/// with a population that does not suit it. `file` is the place.
void check_search(const Sweep& sweep, const std::string& file);

/// Throws ConfigurationError (key: `key`) for a sweep whose points its results decide.
void refuse_search(const Sweep& sweep, const ErrorPlace& place, const std::string& why);

/// What a search looked at.
struct Searched {
  std::vector<std::uint64_t> points;  ///< that were run; ascending, distinct
  std::uint64_t excluded = 0;         ///< that were not, since they are outside the constraints on parameters
};

/// What an evaluator throws that has no results yet for some points of a generation, since they are another
/// shard's; search_points passes it on. The search can be gone through again when they are there.
struct OpenGeneration {
  std::vector<std::uint64_t> points;   ///< of the generation
  std::vector<std::uint64_t> missing;  ///< of these
};

/// Runs points and gives their results in the same order.
using Evaluator = std::function<std::vector<PointResult>(const std::vector<std::uint64_t>& points)>;

/// Looks for the Pareto front of the sweep's objectives with NSGA-II, a generation after the other, until
/// `sampling.evaluations` points have run, none is left, or many generations brought no point within the
/// constraints on parameters. Which points are run depends on the sweep and their results alone.
///
/// What is not allowed is worth less than what is, and the less the further its constraints are missed
/// (constrained domination, Deb et al. 2002); a point that failed is worth the least.
Searched search_points(const Sweep& sweep, const Evaluator& evaluate);

/// A crew in this process that keeps from one generation to the next what the points of a workload share.
PointCrew lasting_crew(const Sweep& sweep, const SweepSurroundings& surroundings, unsigned jobs);

}  // namespace lacuna

#pragma once

#include "sim/search/run/run_search.h"

namespace lacuna {

/// Ranks the candidates that passed, by the search's score, the best first; of equal scores, such as one
/// network on several machines, the fastest on the first machine comes first. Counts those that failed, and
/// draws those that are trained for comparison, by the seed.
void rank_candidates(const SearchConfig& config, SearchOutcome& outcome);

}  // namespace lacuna

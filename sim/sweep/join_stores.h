#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/family/design_space.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {

/// Checks that each folder holds a store, that none comes twice and that none is `out`: a record lock ends
/// when any descriptor of its file is closed. Throws ConfigurationError and InputDataError.
void check_folders_to_join(const std::vector<std::string>& folders, const std::string& out);

/// What to do while stores are joined.
struct JoinHooks {
  std::function<void()> pulse;  ///< called now and then; may throw to stop; may be empty
  /// In words, for an error: the name of a point, and how two outcomes of it differ.
  std::function<std::string(const std::string& hash)> name;
  std::function<std::string(const PointOutcome& before, const PointOutcome& now)> difference;
};

/// Adds the points of the folders' stores, which are those of `identity`, to `store`, that of `out`, and
/// commits them: all, or with an error none. Each folder is held while it is read. A store without a byte is
/// that of a shard that was killed before it had any point. Returns how many points `store` did not have.
///
/// Throws ConfigurationError for a folder that is in use or belongs to something else, and where two outcomes
/// of one point differ, with both folders; InputDataError for a damaged store and when there is no room.
std::uint64_t join_stores(const std::vector<std::string>& folders, const std::string& identity,
                          const SweepFolder& out, SweepStore& store, const JoinHooks& hooks);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/sweep.h"

namespace lacuna {

/// A part of a sweep that a machine runs for itself: number `index` of `count`, from 1.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t count = 1;

  bool is_whole() const { return count == 1; }
  std::string text() const;  ///< "3/8"
  friend bool operator==(const Shard& a, const Shard& b) { return a.index == b.index && a.count == b.count; }
};

/// Most shards of a sweep.
inline constexpr std::uint64_t max_shards = std::uint64_t{1} << 20;

/// Reads "i/n", 1 <= i <= n <= 2^20. Throws ConfigurationError (key: --shard).
Shard parse_shard(const std::string& text);

/// Deals points, those of a sweep or of a generation of its search, to shards: ordered by cost, and so that
/// all shards end together (dealing.h). The same on every machine. Returns the index, from 1, of each point's
/// shard.
std::vector<std::uint64_t> deal(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                std::uint64_t count, const SweepSurroundings& surroundings);

/// Those of `points` that are `shard`'s, in their order.
std::vector<std::uint64_t> points_of_shard(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                           const Shard& shard, const SweepSurroundings& surroundings);

/// What lies in a shard's folder beside its store, so that a merge needs no more than folders: which part it
/// is, how its sweep or search was asked for, and the program that ran it.
struct ShardRecord {
  enum class Of { sweep, search };

  Shard shard;
  Of of = Of::sweep;
  std::string file;          ///< of the sweep or search; absolute
  SweepOverrides overrides;  ///< of a search the assignments alone
  std::string libraries;     ///< that a search computes gradients with; empty for a sweep
  std::string version;
  std::string commit;
};

inline constexpr const char* shard_record_file = "shard.json";

/// Empty when the folder holds none. Throws InputDataError when it cannot be read.
std::optional<ShardRecord> read_shard_record(const std::string& folder);

/// Makes a folder this shard's, by its record. Throws ConfigurationError when it is another's (two in one
/// would hide which of them is missing), InputDataError when it cannot be written.
void claim_folder(const std::string& folder, const ShardRecord& record);

/// Of the program that asks.
ShardRecord make_shard_record(const Shard& shard, ShardRecord::Of of, const std::string& file,
                              const SweepOverrides& overrides);

/// What shards that are to be joined have in common.
struct CommonRecord {
  ShardRecord record;        ///< the first folder's
  bool dealt_alike = false;  ///< whether all were dealt to the same number of shards
};

/// Folders without a record are whole sweeps. `file` stands for the one that records name, unless it is
/// empty. Throws ConfigurationError for a folder of another program, with other options or libraries, and
/// when neither a record nor `file` says what was asked for.
CommonRecord common_record(const std::vector<std::string>& folders, const std::string& file);

}  // namespace lacuna

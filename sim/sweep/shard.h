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

/// The shards of all points in the order of `sweep.points`: they are ordered (order_by_cost), those of equal
/// cost scattered so that no axis falls in step with the shards, and dealt round robin. The same on every
/// machine. Returns the index, from 1, of each point's shard.
std::vector<std::uint64_t> deal(const Sweep& sweep, std::uint64_t count);

/// The sweep's points that are `shard`'s, ascending.
std::vector<std::uint64_t> points_of_shard(const Sweep& sweep, const Shard& shard);

/// What lies in a shard's folder beside its store, so that a merge needs no more than folders: which part it
/// is, how its sweep was asked for, and the program that ran it.
struct ShardRecord {
  Shard shard;
  std::string sweep_file;  ///< absolute
  SweepOverrides overrides;
  std::string version;
  std::string commit;
};

inline constexpr const char* shard_record_file = "shard.json";

/// Empty when the folder holds none. Throws InputDataError when it cannot be read.
std::optional<ShardRecord> read_shard_record(const std::string& folder);

/// Throws InputDataError when it cannot be written.
void write_shard_record(const std::string& folder, const ShardRecord& record);

/// Of the program that asks.
ShardRecord make_shard_record(const Shard& shard, const std::string& sweep_file,
                              const SweepOverrides& overrides);

}  // namespace lacuna

#include "sim/sweep/join_stores.h"

#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;

std::string store_of(const std::string& folder) {
  return folder + "/" + sweep_store_file;
}

bool is_unbegun(const std::string& folder) {
  std::error_code error;
  return fs::file_size(store_of(folder), error) == 0 && !error;
}

class StoreJoin {
 public:
  StoreJoin(const std::vector<std::string>& folders, const std::string& identity, const SweepFolder& out,
            SweepStore& store, const JoinHooks& hooks)
      : folders_(folders), identity_(identity), out_(out), store_(store), hooks_(hooks) {}

  std::uint64_t join() {
    std::uint64_t added = 0;
    for (std::size_t i = 0; i < folders_.size(); ++i) {
      added += add(i);
    }
    store_.commit();
    return added;
  }

 private:
  SweepStore open(std::size_t number) const {
    return SweepStore(store_of(folders_[number]), identity_, SweepStore::Access::existing);
  }

  std::uint64_t add(std::size_t number) {
    const SweepFolder held(folders_[number]);  // no shard may be at work there
    if (is_unbegun(folders_[number])) {
      return 0;
    }
    const SweepStore shard = open(number);
    std::uint64_t added = 0;
    std::uint64_t seen = 0;
    shard.for_each([&](const std::string& hash, const PointOutcome& outcome) {
      constexpr std::uint64_t points_a_pulse = 1024;
      if (hooks_.pulse && ++seen % points_a_pulse == 0) {
        hooks_.pulse();
      }
      const std::optional<PointOutcome> before = store_.get(hash);
      if (!before) {
        store_.put(hash, outcome);
        ++added;
      } else if (before->error != outcome.error || before->counts != outcome.counts) {
        refuse_difference(number, hash, *before, outcome);
      }
    });
    return added;
  }

  [[noreturn]] void refuse_difference(std::size_t number, const std::string& hash, const PointOutcome& before,
                                      const PointOutcome& outcome) const {
    std::string other = out_.path();
    for (std::size_t i = 0; i < number; ++i) {
      if (!is_unbegun(folders_[i]) && open(i).has(hash)) {
        other = folders_[i];
        break;
      }
    }
    throw ConfigurationError({folders_[number], 0, {}},
                             fmt::format("{} has other counts than {} ({})", hooks_.name(hash), other,
                                         difference(before, outcome)),
                             "shards whose counts agree; run the point's shards again in new folders");
  }

  std::string difference(const PointOutcome& before, const PointOutcome& outcome) const {
    if (before.failed() || outcome.failed()) {
      const auto end = [](const PointOutcome& each) {
        return each.failed() ? "'" + each.error + "'" : "counts";
      };
      return fmt::format("{} and {}", end(before), end(outcome));
    }
    return hooks_.difference(before, outcome);
  }

  const std::vector<std::string>& folders_;
  const std::string& identity_;
  const SweepFolder& out_;
  SweepStore& store_;
  const JoinHooks& hooks_;
};

}  // namespace

void check_folders_to_join(const std::vector<std::string>& folders, const std::string& out) {
  std::map<std::string, std::string> seen;
  std::error_code error;
  seen.emplace(fs::weakly_canonical(out, error).string(), out);
  for (const std::string& folder : folders) {
    if (!fs::exists(store_of(folder), error)) {
      throw InputDataError({folder, 0, {}}, fmt::format("holds no '{}'", sweep_store_file),
                           "the folder of a sweep or of a shard");
    }
    const auto [found, is_new] = seen.emplace(fs::weakly_canonical(folder, error).string(), folder);
    if (!is_new) {
      throw ConfigurationError({folder, 0, {}}, fmt::format("is the same folder as {}", found->second),
                               "each folder once, and another for --out");
    }
  }
}

std::uint64_t join_stores(const std::vector<std::string>& folders, const std::string& identity,
                          const SweepFolder& out, SweepStore& store, const JoinHooks& hooks) {
  return StoreJoin(folders, identity, out, store, hooks).join();
}

}  // namespace lacuna

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/common/verilator/build_cache.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using test::TemporaryFolder;
namespace fs = std::filesystem;

TEST_CASE("Concurrent builders of a cache entry build it once and all get it whole") {
  const TemporaryFolder folder;
  std::atomic<int> builds{0};
  const auto get = [&] {
    return cached_folder(fs::path(folder.path()) / "cache", "key", [&](const fs::path& unfinished) {
      ++builds;
      std::ofstream(unfinished / "whole") << "content";
    });
  };
  std::vector<std::future<fs::path>> results;
  for (int i = 0; i < 8; ++i) {
    results.push_back(std::async(std::launch::async, get));
  }
  for (auto& result : results) {
    CHECK(fs::file_size(result.get() / "whole") == 7);
  }
  CHECK(builds == 1);
}

TEST_CASE("A failed build leaves no cache entry and is tried again") {
  const TemporaryFolder folder;
  const auto fail = [](const fs::path&) { throw ConfigurationError({}, "broken"); };
  CHECK_THROWS_AS(cached_folder(folder.path(), "key", fail), ConfigurationError);
  CHECK_FALSE(fs::exists(fs::path(folder.path()) / "key"));
  CHECK(fs::exists(cached_folder(folder.path(), "key", [](const fs::path&) {})));
}

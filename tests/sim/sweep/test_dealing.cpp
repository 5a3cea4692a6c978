#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "sim/families.h"
#include "sim/sweep/dealing.h"
#include "tests/sim/sweep/small_sweep.h"

using namespace lacuna;
using test::small_sweep;
using test::TemporaryFolder;

TEST_CASE("points are dealt once each, the longer first, and one by one at the end") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  REQUIRE(sweep.points.size() == 48);
  for (const std::size_t hands : {1U, 2U, 3U, 7U, 100U}) {
    INFO(hands << " hands");
    PointDealer dealer(sweep, sweep.points, hands);
    std::vector<std::uint64_t> dealt;
    std::vector<std::size_t> sizes;
    for (auto batch = dealer.next(); !batch.empty(); batch = dealer.next()) {
      sizes.push_back(batch.size());
      CHECK(batch.size() <= PointDealer::largest_batch);
      const std::size_t workload = sweep.space->workload_of(sweep.grid.choices(batch.front()));
      for (const std::uint64_t point : batch) {
        CHECK(sweep.space->workload_of(sweep.grid.choices(point)) == workload);
      }
      dealt.insert(dealt.end(), batch.begin(), batch.end());
    }
    CHECK(dealer.next().empty());
    CHECK(sizes.back() == 1);
    CHECK(sizes.front() == std::clamp<std::size_t>(48 / (4 * hands), 1, 24));
    CHECK(std::set<std::uint64_t>(dealt.begin(), dealt.end()) ==
          std::set<std::uint64_t>(sweep.points.begin(), sweep.points.end()));
    CHECK(dealt.size() == 48);
    for (std::size_t i = 1; i < dealt.size(); ++i) {
      const Choices before = sweep.grid.choices(dealt[i - 1]);
      const Choices now = sweep.grid.choices(dealt[i]);
      if (sweep.space->workload_of(before) == sweep.space->workload_of(now)) {
        CHECK(sweep.space->parameter(before, "pe_count").value() >=
              sweep.space->parameter(now, "pe_count").value());
      }
    }
  }
}

TEST_CASE("no points are dealt of none, and a rest is dealt as such") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  CHECK(PointDealer(sweep, {}, 3).next().empty());
  PointDealer rest(sweep, {47, 5}, 1);
  CHECK(rest.next() == std::vector<std::uint64_t>{5});
  CHECK(rest.next() == std::vector<std::uint64_t>{47});
  CHECK(rest.next().empty());
}

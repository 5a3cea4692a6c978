#include <algorithm>
#include <functional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/families.h"
#include "sim/sweep/dealing.h"
#include "sim/sweep/shard.h"
#include "tests/sim/sweep/small_sweep.h"
#include "tests/sim/sweep/sweep_results.h"

using namespace lacuna;
using test::small_sweep;
using test::TemporaryFolder;

namespace {

const SweepSurroundings surroundings{std::string(LACUNA_SOURCE_DIR) + "/configs/reference", {}};

/// Layers small and large, and a network.
std::string mixed_sweep(const TemporaryFolder& folder) {
  folder.write("large.yaml",
               "workload: {layers: [{generate: {rows: 2000, columns: 1500, weight_density: 0.1, "
               "activation_density: 0.4, vectors: 8}}]}\n");
  folder.write("small.yaml",
               "workload: {layers: [{generate: {rows: 60, columns: 50, weight_density: 0.3, "
               "activation_density: 0.5}}]}\n");
  folder.write("network.yaml", "workload: {network: " + std::string(LACUNA_SOURCE_DIR) +
                                   "/configs/networks/lenet5.yaml, lowering: {timed_images: 2}}\n");
  return folder.write("mixed.yaml",
                      "architecture: {kind: eie, register_file_entries: 0, spmat_capacity_bytes: 4194304, "
                      "pointer_width_bits: 32}\n"
                      "engine: systemc\n"
                      "axes:\n"
                      "  - {key: workload, values: [small.yaml, large.yaml, network.yaml, Alex-8]}\n"
                      "  - {key: architecture.pe_count, powers_of_two: {from: 1, to: 64}}\n"
                      "  - {key: architecture.queue_depth_entries, values: [4, 8]}\n");
}

/// How much longer the longest of three shards is than the mean: 0.1 is a tenth.
double excess(const std::vector<std::uint64_t>& shards, const std::vector<double>& costs) {
  std::vector<double> sums(3);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    sums.at(shards[i] - 1) += costs[i];
  }
  return *std::max_element(sums.begin(), sums.end()) / ((sums[0] + sums[1] + sums[2]) / 3.0) - 1.0;
}

}  // namespace

TEST_CASE("shards of layers and networks of all sizes end together") {
  const TemporaryFolder folder;
  const std::string path = mixed_sweep(folder);
  const Sweep sweep = load_sweep(path, families());
  REQUIRE(sweep.points.size() == 56);
  // What SystemC really steps through: the timeline gives the same cycles. A process counts as well.
  SweepOverrides timeline;
  timeline.engine = "timeline";
  run_sweep(load_sweep(path, families(), timeline), folder.file("out"), test::with_jobs(1));
  std::vector<double> costs;
  const nlohmann::json results = test::results(folder.file("out"));
  for (const auto& point : results.at("points")) {
    REQUIRE(point.at("status") == "ok");
    constexpr double process = 2e5;
    costs.push_back(process + point.at("totals").at("cycles").get<double>() *
                                  point.at("axes").at("architecture.pe_count").get<double>());
  }
  CHECK(excess(deal(sweep, sweep.points, 3, surroundings), costs) < 0.05);
  std::vector<std::uint64_t> by_number;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    by_number.push_back(i % 3 + 1);
  }
  CHECK(excess(by_number, costs) > 0.08);
}

TEST_CASE("ranks that are dealt points on demand end together, though costs are not what was expected") {
  const TemporaryFolder folder;
  const std::string path = mixed_sweep(folder);
  SweepOverrides longer;
  longer.assignments = {"axes.2={key: architecture.queue_depth_entries, range: {from: 1, to: 128, step: 1}}"};
  const Sweep sweep = load_sweep(path, families(), longer);
  const PointCost expected = sweep.space->expected_cost(sweep.engine, surroundings);
  std::vector<double> costs;  // up to a half more or less than expected, whatever the point
  double sum = 0.0;
  std::mt19937_64 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same always
  for (const std::uint64_t point : sweep.points) {
    const double factor = 0.5 + static_cast<double>(random() % 1000) / 1000.0;
    costs.push_back(factor * static_cast<double>(expected(sweep.grid.choices(point))));
    sum += costs.back();
  }
  REQUIRE(costs.size() == 3584);
  for (const std::size_t ranks : {2U, 8U, 32U}) {
    PointDealer dealer({sweep, sweep.points, sweep.engine, surroundings}, ranks);
    std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
    for (std::size_t i = 0; i < ranks; ++i) {
      free_at.push(0.0);
    }
    double last = 0.0;
    for (auto batch = dealer.next(); !batch.empty(); batch = dealer.next()) {
      double end = free_at.top();
      for (const std::uint64_t point : batch) {
        end += costs[static_cast<std::size_t>(point)];
      }
      free_at.pop();
      free_at.push(end);
      last = std::max(last, end);
    }
    INFO(ranks << " ranks");
    CHECK(sum / last > 0.9 * static_cast<double>(ranks));
  }
}

TEST_CASE("things are dealt to the shard with the least, and equal ones round robin") {
  ShardDealer dealer(3);
  std::vector<std::uint64_t> dealt;
  for (const std::uint64_t cost : {9U, 5U, 4U, 4U, 3U, 3U, 1U}) {
    dealt.push_back(dealer.next(cost));
  }
  CHECK(dealt == std::vector<std::uint64_t>{1, 2, 3, 3, 2, 2, 3});
  ShardDealer equal(3);
  for (const std::uint64_t shard : {1U, 2U, 3U, 1U, 2U, 3U, 1U}) {
    CHECK(equal.next(7) == shard);
  }
}

TEST_CASE("points are dealt once each, the longer first, and one by one at the end") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  REQUIRE(sweep.points.size() == 48);
  const PointCost cost = sweep.space->expected_cost(sweep.engine, surroundings);
  for (const std::size_t hands : {1U, 2U, 3U, 7U, 100U}) {
    INFO(hands << " hands");
    PointDealer dealer({sweep, sweep.points, sweep.engine, surroundings}, hands);
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
        CHECK(cost(before) >= cost(now));
      }
    }
  }
}

TEST_CASE("no points are dealt of none, and a rest is dealt as such") {
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder), families());
  const std::vector<std::uint64_t> none;
  const std::vector<std::uint64_t> two = {47, 5};
  CHECK(PointDealer({sweep, none, sweep.engine, surroundings}, 3).next().empty());
  PointDealer rest({sweep, two, sweep.engine, surroundings}, 1);
  CHECK(rest.next() == std::vector<std::uint64_t>{47});  // of the larger workload
  CHECK(rest.next() == std::vector<std::uint64_t>{5});
  CHECK(rest.next().empty());
}

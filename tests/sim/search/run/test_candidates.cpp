#include <cmath>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/search/block_network.h"
#include "sim/search/run/candidate_points.h"
#include "sim/search/run/candidates.h"
#include "tests/sim/search/run/small_search.h"

using namespace lacuna;

namespace {

Search search_with(const test::TemporaryFolder& folder, const std::string& more) {
  return load_search(load_yaml(test::write_search(folder, more)), families());
}

std::uint64_t parameters_of(const Search& search, const Genotype& genotype) {
  return stored_parameters(block_network(search.skeleton, Chosen(search, genotype).types()).network);
}

}  // namespace

TEST_CASE("a small space comes whole, in order") {
  const test::TemporaryFolder folder;
  CandidateSource source(search_with(folder, "  samples: 16\n  draws: 16\n"));
  CHECK(source.is_whole());
  CHECK(source.space() == 16.0);
  std::vector<Genotype> all = source.next(10);
  REQUIRE(all.size() == 10);
  for (const Genotype& each : source.next(10)) {
    all.push_back(each);
  }
  REQUIRE(all.size() == 16);
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(all[i] == Genotype{i / 4, i % 4});
  }
  CHECK(source.next(1).empty());
}

TEST_CASE("drawn candidates are distinct, follow the seed, and come to an end") {
  const test::TemporaryFolder folder;
  CandidateSource source(search_with(folder, "  samples: 15\n  draws: 15\n"));
  CHECK_FALSE(source.is_whole());
  const std::vector<Genotype> drawn = source.next(20);  // more than there are
  CHECK(std::set<Genotype>(drawn.begin(), drawn.end()).size() == 16);
  CHECK(CandidateSource(search_with(folder, "  samples: 15\n  draws: 15\n")).next(16) == drawn);
  CHECK(CandidateSource(search_with(folder, "  seed: 2\n  samples: 15\n  draws: 15\n")).next(16) != drawn);
}

TEST_CASE("bounds on parameters are drawn within, all that fit and no others") {
  const test::TemporaryFolder folder;
  const std::string few = "  samples: 4\n  draws: 4\n";
  const Search free = search_with(folder, few);
  std::map<Genotype, std::uint64_t> all;
  for (std::size_t i = 0; i < 16; ++i) {
    const Genotype genotype = {i / 4, i % 4};
    all[genotype] = parameters_of(free, genotype);
  }
  std::multiset<std::uint64_t> sorted;
  for (const auto& [genotype, parameters] : all) {
    sorted.insert(parameters);
  }
  const std::uint64_t low = *std::next(sorted.begin(), 5);
  const std::uint64_t high = *std::next(sorted.begin(), 11);
  const Search search = search_with(folder, few + "  filters: [parameters >= " + std::to_string(low) +
                                                ", parameters <= " + std::to_string(high) + "]\n");
  std::set<Genotype> expected;
  for (const auto& [genotype, parameters] : all) {
    if (parameters >= low && parameters <= high) {
      expected.insert(genotype);
    }
  }
  REQUIRE(expected.size() < 16);
  const std::vector<Genotype> drawn = CandidateSource(search).next(100);
  CHECK(std::set<Genotype>(drawn.begin(), drawn.end()) == expected);
  CHECK_THROWS_AS(CandidateSource(search_with(folder, few + "  filters: [parameters <= 10]\n")),
                  ConfigurationError);
}

TEST_CASE("a training whose loss was not finite is read back as it was") {
  const std::string kept = R"({"correct": 3, "images": 9, "loss": null, "machines": ["cannot run it"]})";
  const TrainedFigures figures = CandidatePoints::read_trained({{}, kept + "\n"});
  CHECK(std::isnan(figures.loss));
  CHECK(figures.correct == 3);
  REQUIRE(figures.machines.size() == 1);
  CHECK_FALSE(figures.machines[0].has_value());
}

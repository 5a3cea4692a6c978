#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

namespace lacuna::test {
namespace {

// The contract describes the elastic pipe twice: as stages with valid bits, and as a recurrence. Here the
// first is built literally, register by register, and compared with the second.

struct Moves {
  std::vector<std::uint64_t> into_pipe;  ///< x
  std::vector<std::uint64_t> pushed;     ///< e
};

struct Workload {
  std::size_t stages = 1;
  std::vector<std::uint64_t> arrival;  ///< first cycle in which the token is at the input
  std::vector<std::uint64_t> issue;    ///< I of each token
  std::vector<bool> output_room;       ///< by cycle
};

/// Issue stage and pipe, moved stage by stage in every cycle.
Moves literal(const Workload& w) {
  Moves moves;
  std::vector<bool> stage(w.stages, false);  // valid bits; order keeps the tokens apart
  bool issuing = false;
  std::uint64_t issued_until = 0;
  std::size_t next = 0;
  for (std::uint64_t cycle = 0; moves.pushed.size() < w.arrival.size(); ++cycle) {
    const bool was_free = !issuing;
    if (stage.back() && w.output_room[cycle]) {
      moves.pushed.push_back(cycle);
      stage.back() = false;
    }
    for (std::size_t s = w.stages - 1; s > 0; --s) {
      if (!stage[s]) {
        stage[s] = stage[s - 1];
        stage[s - 1] = false;
      }
    }
    if (was_free && next < w.arrival.size() && w.arrival[next] <= cycle) {
      issuing = true;
      issued_until = cycle + w.issue[next] - 1;
      ++next;
    }
    if (issuing && cycle >= issued_until && !stage.front()) {
      stage.front() = true;
      issuing = false;
      moves.into_pipe.push_back(cycle);
    }
  }
  return moves;
}

Moves recurrence(const Workload& w) {
  Moves moves;
  for (std::size_t k = 0; k < w.arrival.size(); ++k) {
    const std::uint64_t accept = std::max(k > 0 ? moves.into_pipe[k - 1] + 1 : 0, w.arrival[k]);
    std::uint64_t x = accept + w.issue[k] - 1;
    if (k >= w.stages) {
      x = std::max(x, moves.pushed[k - w.stages]);
    }
    std::uint64_t e = std::max(x + w.stages, k > 0 ? moves.pushed[k - 1] + 1 : 0);
    while (!w.output_room[e]) {
      ++e;
    }
    moves.into_pipe.push_back(x);
    moves.pushed.push_back(e);
  }
  return moves;
}

TEST_CASE("the elastic pipe, stage by stage, does what its recurrence says") {
  constexpr std::uint64_t seed = 20190807;
  INFO("seed " << seed);
  boost::random::mt19937_64 engine(seed);
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return boost::random::uniform_int_distribution<std::uint64_t>(low, high)(engine);
  };
  for (int round = 0; round < 500; ++round) {
    Workload w;
    w.stages = between(1, 9);
    const std::uint64_t gap = between(0, 4);
    const std::uint64_t slowest = between(1, 4);
    const std::uint64_t room_percent = between(20, 100);
    std::uint64_t arrival = 0;
    for (int k = 0; k < 60; ++k) {
      arrival += between(0, gap);
      w.arrival.push_back(arrival);
      w.issue.push_back(between(1, slowest));
    }
    for (int cycle = 0; cycle < 5000; ++cycle) {
      w.output_room.push_back(cycle > 4000 || between(1, 100) <= room_percent);
    }
    const Moves stages = literal(w);
    const Moves formula = recurrence(w);
    REQUIRE(stages.into_pipe == formula.into_pipe);
    REQUIRE(stages.pushed == formula.pushed);
  }
}

}  // namespace
}  // namespace lacuna::test

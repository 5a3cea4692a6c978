#include "models/tomato/deadlock.h"

#include <algorithm>

#include <fmt/format.h>

namespace lacuna::tomato {
namespace {

/// What the unit at the waiting end of an edge waits for itself; nothing if it could go on.
std::optional<Deadlock::Wait> next_wait(const Pipeline& pipeline, const std::vector<UnitWait>& waits,
                                        const Deadlock::Wait& wait) {
  const Edge& edge = pipeline.edges[wait.edge];
  const UnitWait& unit = waits[wait.full ? edge.to : edge.from];
  const bool for_output = unit.full_edge && (!wait.full || unit.holds_token);
  if (for_output) {
    return Deadlock::Wait{*unit.full_edge, true};
  }
  if (unit.empty_edge) {
    return Deadlock::Wait{*unit.empty_edge, false};
  }
  return {};
}

std::string one_wait(const Pipeline& pipeline, const Deadlock::Wait& wait) {
  const Edge& edge = pipeline.edges[wait.edge];
  return wait.full ? fmt::format(
                         "the FIFO \"{}\" (depth {}) is full: its producer \"{}\" cannot push until its "
                         "consumer \"{}\" takes a token",
                         edge_name(pipeline, edge), edge.depth, pipeline.units[edge.from].name,
                         pipeline.units[edge.to].name)
                   : fmt::format(
                         "the FIFO \"{}\" (depth {}) is empty: its consumer \"{}\" cannot go on until its "
                         "producer \"{}\" pushes a token",
                         edge_name(pipeline, edge), edge.depth, pipeline.units[edge.to].name,
                         pipeline.units[edge.from].name);
}

}  // namespace

bool operator==(const Deadlock::Wait& a, const Deadlock::Wait& b) {
  return a.edge == b.edge && a.full == b.full;
}

bool operator==(const Deadlock& a, const Deadlock& b) {
  return a.cycle == b.cycle && a.circle == b.circle;
}

Deadlock find_deadlock(const Pipeline& pipeline, const Analysis& analysis, const std::vector<UnitWait>& waits,
                       std::uint64_t cycle) {
  std::vector<Deadlock::Wait> path;
  std::optional<Deadlock::Wait> wait = Deadlock::Wait{analysis.units[analysis.sink].inputs.front(), false};
  while (wait) {
    const auto seen = std::find(path.begin(), path.end(), *wait);
    if (seen != path.end()) {
      return {cycle, {seen, path.end()}};
    }
    path.push_back(*wait);
    wait = next_wait(pipeline, waits, path.back());
  }
  return {cycle, path};
}

std::string explain(const Pipeline& pipeline, const Deadlock& deadlock) {
  std::string text =
      fmt::format("pipeline \"{}\" is deadlocked from cycle {} on: ", pipeline.name, deadlock.cycle);
  for (std::size_t i = 0; i < deadlock.circle.size(); ++i) {
    text += (i > 0 ? ", and " : "") + one_wait(pipeline, deadlock.circle[i]);
  }
  return text + "; deeper FIFOs where they are full let it go on";
}

}  // namespace lacuna::tomato

#include "tests/models/tomato/timeline/run_difference.h"

#include <fmt/format.h>

namespace lacuna::test {
namespace {

template <class Values, class Infos>
std::string count_difference(const std::string& where, const Values& a, const Values& b, const Infos& infos) {
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (a[i] != b[i]) {
      return fmt::format("{}: {}: {} and {}", where, infos[i].name, a[i], b[i]);
    }
  }
  return {};
}

std::string number_difference(const std::string& what, std::uint64_t a, std::uint64_t b) {
  return a == b ? std::string() : fmt::format("{}: {} and {}", what, a, b);
}

std::string fifo_difference(const std::string& name, const tomato::FifoResult& a,
                            const tomato::FifoResult& b) {
  for (const std::string& difference :
       {number_difference(name + ": pushes", a.pushes, b.pushes),
        number_difference(name + ": high-water mark", a.high_water_mark, b.high_water_mark),
        number_difference(name + ": full stalls", a.full_stall_cycles, b.full_stall_cycles),
        number_difference(name + ": empty stalls", a.empty_stall_cycles, b.empty_stall_cycles)}) {
    if (!difference.empty()) {
      return difference;
    }
  }
  return {};
}

std::string unit_difference(const tomato::Pipeline& pipeline, const tomato::RunResult& a,
                            const tomato::RunResult& b) {
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    const std::string& name = pipeline.units[unit].name;
    std::string difference = count_difference(name, a.units[unit].cycles.values, b.units[unit].cycles.values,
                                              tomato::cycle_class_info);
    if (difference.empty()) {
      difference = count_difference(name, a.units[unit].events.values, b.units[unit].events.values,
                                    tomato::unit_event_info);
    }
    if (!difference.empty()) {
      return difference;
    }
  }
  for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
    const std::string difference =
        fifo_difference(tomato::edge_name(pipeline, pipeline.edges[edge]), a.fifos[edge], b.fifos[edge]);
    if (!difference.empty()) {
      return difference;
    }
  }
  return {};
}

}  // namespace

std::string run_difference(const tomato::Pipeline& pipeline, const tomato::RunResult& a,
                           const tomato::RunResult& b) {
  if (a.deadlock.has_value() != b.deadlock.has_value()) {
    return a.deadlock ? "only the first is deadlocked" : "only the second is deadlocked";
  }
  if (a.deadlock) {
    const std::string first = tomato::explain(pipeline, *a.deadlock);
    const std::string second = tomato::explain(pipeline, *b.deadlock);
    return *a.deadlock == *b.deadlock ? std::string() : "\n" + first + "\n" + second;
  }
  std::string difference = number_difference("cycles", a.cycles, b.cycles);
  if (difference.empty()) {
    difference = number_difference("first output", a.first_output_cycle, b.first_output_cycle);
  }
  if (difference.empty() && a.frame_cycles != b.frame_cycles) {
    difference = "cycles of the frames";
  }
  if (difference.empty()) {
    difference = unit_difference(pipeline, a, b);
  }
  return difference.empty() && a.outputs != b.outputs ? "outputs" : difference;
}

}  // namespace lacuna::test

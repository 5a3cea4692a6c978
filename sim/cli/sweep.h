#pragma once

#include <functional>
#include <string>

#include "sim/sweep/runners.h"
#include "sim/sweep/sweep.h"

namespace CLI {
class App;
}

namespace lacuna::cli {

/// How a sweep was asked for: what others need to load the same one. Paths are absolute.
struct SweepRequest {
  std::string file;
  SweepOverrides overrides;
  unsigned jobs = 1;
};
using CrewMaker = std::function<PointCrew(const SweepRequest&)>;

/// `sweep` for a program whose points others run: the maker's crew, by default one point at a time for each
/// of its workers.
void add_sweep(CLI::App& app, const CrewMaker& maker);

}  // namespace lacuna::cli

#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna {

/// `range:`, the numbers from, from + step, ... up to `to`.
struct RangeConfig {
  double from = 0.0;
  double to = 0.0;
  double step = 1.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("from", c.from, 0.0, 1e12, "first value");
    v.real("to", c.to, 0.0, 1e12, "no value is larger");
    v.real("step", c.step, 1e-9, 1e12, "distance of two values");
    v.required({"from", "to", "step"});
  }
};

/// `powers_of_two:`, every power of two between two numbers.
struct PowersOfTwoConfig {
  std::uint64_t from = 1;
  std::uint64_t to = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("from", c.from, 1, std::uint64_t{1} << 40, "no value is smaller");
    v.integer("to", c.to, 1, std::uint64_t{1} << 40, "no value is larger");
    v.required({"from", "to"});
  }
};

/// One element of `axes`: a key and the values it takes.
struct AxisConfig {
  std::string key;
  std::vector<YamlNode> values;
  std::optional<RangeConfig> range;
  std::optional<PowersOfTwoConfig> powers_of_two;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text(
        "key", c.key,
        "architecture.<parameter>, architecture.layers.<name>.<setting> of streaming machines, or workload");
    v.plain_list("values", c.values,
                 "values of the parameter; for workload: benchmarks, trace files (.h5), workload files and "
                 "network files (.yaml); network files alone on streaming machines");
    v.section("range", c.range, "evenly spaced numbers");
    v.section("powers_of_two", c.powers_of_two, "powers of two");
    v.required({"key"});
    v.one_of({"values", "range", "powers_of_two"});
  }
};

/// `sampling:`, which points of the grid over all axes are run.
struct SamplingConfig {
  enum class Method { grid, random, latin_hypercube, nsga2 };

  Method method = Method::grid;
  std::optional<std::uint64_t> points;
  std::optional<std::uint64_t> evaluations;
  std::optional<std::uint64_t> population;
  std::uint64_t seed = 1;

  /// Whether results decide which points are run, so that they are not known before.
  bool is_search() const { return method == Method::nsga2; }

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("method", c.method, {"grid", "random", "latin_hypercube", "nsga2"},
             "all points, distinct random points, points that cover each axis evenly, or a search for the "
             "objectives' Pareto front with NSGA-II");
    v.integer("points", c.points, 1, 1U << 20, "how many; needed by random and latin_hypercube");
    v.integer("evaluations", c.evaluations, 1, 1U << 20, "most points that nsga2 runs, which needs it");
    v.integer("population", c.population, 8, 4096,
              "points of a generation of nsga2, a multiple of 4; default 20");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of the choice, and of the points that --check takes");
  }
};

/// One element of `objectives`.
struct ObjectiveConfig {
  enum class Goal { min, max };

  std::string metric;
  Goal goal = Goal::min;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("metric", c.metric, "a metric of the results, such as time_us, energy_nj or area_mm2");
    v.choice("goal", c.goal, {"min", "max"}, "which values are better");
    v.required({"metric"});
  }
};

/// What sweeps of all families of machines have.
struct SweepSettings {
  FilePath base;
  FilePath energy;
  std::optional<std::uint64_t> seed;
  std::string engine = "timeline";
  bool outputs = false;
  std::vector<AxisConfig> axes;
  SamplingConfig sampling;
  std::vector<YamlNode> constraints;
  std::vector<ObjectiveConfig> objectives;
};

/// A sweep as written (docs/sweeps.md), for a family of machines: its `Architecture`, its `Workload`, and
/// the names of its `engines()`.
template <class Family>
struct SweepFileOf : SweepSettings {
  std::optional<typename Family::Architecture> architecture;
  std::optional<typename Family::Workload> workload;

  /// A family without an engine `timeline` sweeps on its last.
  SweepFileOf() {
    const std::vector<std::string> engines = Family::engines();
    if (std::find(engines.begin(), engines.end(), engine) == engines.end()) {
      engine = engines.back();
    }
  }

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("base", c.base,
           "run configuration to start from; its engine, outputs and memory budget do not matter here");
    v.section("architecture", c.architecture, "the machine; keys here win over the base's");
    v.section("workload", c.workload, "what runs, in place of the base's");
    v.file("energy", c.energy, "energy table (YAML), in place of the base's");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of everything generated, in place of the base's");
    v.name("engine", c.engine, Family::engines(), "which simulator runs the points");
    v.boolean("outputs", c.outputs, "whether values are computed, so that what depends on them is counted");
    v.list("axes", c.axes, "what varies");
    v.section("sampling", c.sampling, "which points of the grid are run; default: all");
    v.plain_list("constraints", c.constraints,
                 "comparisons of a parameter or metric with a number, such as area_mm2 < 50");
    v.list("objectives", c.objectives, "metrics of the Pareto front");
    v.required({"axes"});
  }
};

}  // namespace lacuna

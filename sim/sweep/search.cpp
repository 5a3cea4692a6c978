#include "sim/sweep/search.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/sweep/nsga2.h"

namespace lacuna {

void check_search(const Sweep& sweep, const std::string& file) {
  if (!has_nsga2()) {
    throw ConfigurationError({file, 0, "sampling.method"},
                             "nsga2 needs libpagmo, which this program was built without",
                             "install libpagmo-dev (Debian) and build again, or another method");
  }
  if (sweep.objectives.empty()) {
    throw ConfigurationError({file, 0, "objectives"}, "is missing", "what nsga2 is to look for");
  }
  const std::uint64_t population = sweep.sampling.population.value();
  if (population % 4 != 0) {
    throw ConfigurationError({file, 0, "sampling.population"}, fmt::format("is {}", population),
                             "a multiple of 4");
  }
  if (population > sweep.sampling.evaluations.value()) {
    throw ConfigurationError(
        {file, 0, "sampling.population"},
        fmt::format("is {}, but there are {} evaluations", population, *sweep.sampling.evaluations),
        "at least a whole generation of evaluations");
  }
}

void refuse_search(const Sweep& sweep, const ErrorPlace& place, const std::string& why) {
  if (sweep.sampling.is_search()) {
    throw ConfigurationError(place, why,
                             "grid, random or latin_hypercube; nsga2 with -j, or under lacuna-mpi");
  }
}

namespace {

/// By how much constraints are missed, in parts of their bounds; what is not known misses by far.
double violation(const Constraint& constraint, std::optional<double> value) {
  constexpr double far = 1e6;
  const double scale = constraint.bound == 0.0 ? 1.0 : std::abs(constraint.bound);
  return value ? std::min(far, std::abs(*value - constraint.bound) / scale) : far;
}

/// Larger than any objective, and than what is better. They are factors, so that a violation of the smallest
/// part is still told from none.
constexpr double not_allowed = 1e100;  ///< a metric is outside its constraint
constexpr double not_run = 1e150;      ///< a parameter is
constexpr double has_failed = 1e200;

class Search {
 public:
  Search(const Sweep& sweep, const Evaluator& evaluate)
      : sweep_(sweep),
        evaluate_(evaluate),
        nsga2_(sweep.grid, sweep.sampling.population.value(), sweep.sampling.seed) {}

  Searched run() {
    constexpr int patience = 100;
    for (int idle = 0; idle < patience && left() > 0;) {
      const std::vector<std::uint64_t> generation = nsga2_.ask();
      if (generation.empty()) {
        break;
      }
      idle = look_at(generation) ? 0 : idle + 1;
    }
    std::sort(searched_.points.begin(), searched_.points.end());
    return std::move(searched_);
  }

 private:
  std::uint64_t left() const { return sweep_.sampling.evaluations.value() - searched_.points.size(); }

  /// Whether any point could be run.
  bool look_at(const std::vector<std::uint64_t>& generation) {
    std::vector<std::uint64_t> points;
    std::vector<Individual> individuals;
    for (const std::uint64_t point : generation) {
      const double outside = parameter_violation(point);
      if (outside > 0.0) {
        individuals.push_back({point, worth(not_run * outside)});
        ++searched_.excluded;
      } else if (points.size() < left()) {
        points.push_back(point);
      }
    }
    if (!points.empty()) {
      for (const PointResult& result : evaluate_(points)) {
        individuals.push_back({result.point.number, values_of(result)});
      }
      searched_.points.insert(searched_.points.end(), points.begin(), points.end());
    }
    nsga2_.tell(std::move(individuals));
    return !points.empty();
  }

  std::vector<double> worth(double penalty) const {
    return std::vector<double>(sweep_.objectives.size(), penalty);
  }

  /// 0 within all of them, else more than 1.
  double parameter_violation(std::uint64_t point) const {
    const Choices choices = sweep_.grid.choices(point);
    double sum = 0.0;
    for (const Constraint& constraint : sweep_.constraints) {
      if (!constraint.metric && !satisfied(constraint, *sweep_.space, choices)) {
        sum += 1.0 + violation(constraint, sweep_.space->parameter(choices, constraint.name));
      }
    }
    return sum;
  }

  std::vector<double> values_of(const PointResult& result) const {
    std::vector<double> values = objective_values(sweep_, result);
    const bool known = !values.empty() && std::all_of(values.begin(), values.end(), [](double value) {
      return std::abs(value) < not_allowed;
    });
    if (known) {
      return values;
    }
    if (result.status != PointResult::Status::infeasible) {
      return worth(has_failed);
    }
    double sum = 0.0;
    for (const Constraint& constraint : sweep_.constraints) {
      if (constraint.metric && !satisfied(constraint, result.metrics)) {
        sum += 1.0 + violation(constraint, metric_number(result.metrics[*constraint.metric]));
      }
    }
    return worth(not_allowed * sum);
  }

  const Sweep& sweep_;
  const Evaluator& evaluate_;
  Nsga2 nsga2_;
  Searched searched_;
};

}  // namespace

Searched search_points(const Sweep& sweep, const Evaluator& evaluate) {
  return Search(sweep, evaluate).run();
}

PointCrew lasting_crew(const Sweep& sweep, const SweepSurroundings& surroundings, unsigned jobs) {
  using Runners = std::map<std::size_t, BatchRunner>;
  auto runners = std::make_shared<Runners>();
  return [&sweep, surroundings, jobs, runners](const PointTask& task, const OutcomeSink& sink,
                                               const RunnerPulse& pulse) {
    std::map<std::size_t, std::vector<std::uint64_t>> by_workload;
    for (const std::uint64_t number : task.points) {
      by_workload[sweep.space->workload_of(sweep.point(number).choices)].push_back(number);
    }
    for (const auto& [workload, points] : by_workload) {
      const auto runner = runners->try_emplace(workload, sweep, surroundings, jobs).first;
      runner->second.run(points, task.engine, sink, pulse);
    }
  };
}

}  // namespace lacuna

#include "sim/sweep/breeding.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <pagmo/types.hpp>
#include <pagmo/utils/multi_objective.hpp>

namespace lacuna::breeding {

bool is_built() {
  return true;
}

namespace {

using Values = std::vector<double>;

/// The axes on which points differ: libpagmo has no genes of one value.
std::vector<std::size_t> genes_of(const Grid& grid) {
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < grid.axes(); ++axis) {
    if (grid.size(axis) > 1) {
      axes.push_back(axis);
    }
  }
  return axes;
}

/// What libpagmo wants to know of a problem. It asks a batch evaluator for values, never the problem.
struct GridProblem {
  pagmo::vector_double lower;
  pagmo::vector_double upper;
  pagmo::vector_double::size_type objectives = 2;

  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const { return {lower, upper}; }
  pagmo::vector_double::size_type get_nix() const { return lower.size(); }
  pagmo::vector_double::size_type get_nobj() const { return objectives; }
  pagmo::vector_double fitness(const pagmo::vector_double& /*genes*/) const {
    throw std::logic_error("a generation's points are run together");
  }
};

GridProblem problem_of(const Grid& grid, std::size_t objectives) {
  GridProblem problem;
  for (const std::size_t axis : genes_of(grid)) {
    problem.lower.push_back(0.0);
    problem.upper.push_back(grid.size(axis) - 1.0);
  }
  problem.objectives = objectives;
  return problem;
}

/// Keeps the children that libpagmo wants to have evaluated, and gives them any values, since it is told the
/// true ones with the next generation.
struct ChildCatcher {
  pagmo::vector_double* children = nullptr;

  pagmo::vector_double operator()(const pagmo::problem& problem, const pagmo::vector_double& genes) const {
    *children = genes;
    pagmo::vector_double values(genes.size() / problem.get_nx() * problem.get_nobj());
    std::iota(values.begin(), values.end(), 0.0);
    return values;
  }
};

/// The values without the objectives in which none differs: libpagmo divides by their range. At least two
/// are left, which it demands; the last is repeated if need be.
std::vector<Values> differing(const std::vector<Values>& values) {
  std::vector<Values> kept(values.size());
  for (std::size_t objective = 0; objective < values.front().size(); ++objective) {
    const bool differs = std::any_of(values.begin(), values.end(), [&](const Values& each) {
      return each[objective] != values.front()[objective];
    });
    for (std::size_t i = 0; differs && i < values.size(); ++i) {
      kept[i].push_back(values[i][objective]);
    }
  }
  for (Values& each : kept) {
    while (each.size() < 2) {
      each.push_back(each.empty() ? 0.0 : each.back());
    }
  }
  return kept;
}

std::vector<Values> values_of(const std::vector<Individual>& individuals) {
  std::vector<Values> values;
  values.reserve(individuals.size());
  for (const Individual& individual : individuals) {
    values.push_back(individual.values);
  }
  return values;
}

}  // namespace

std::vector<std::uint64_t> children(const Grid& grid, const std::vector<Individual>& parents,
                                    std::uint64_t seed) {
  const std::vector<std::size_t> genes = genes_of(grid);
  const std::vector<Values> values = differing(values_of(parents));
  // libpagmo's seeds have 32 bits.
  const auto short_seed = static_cast<unsigned>(seed ^ (seed >> 32));
  pagmo::population population(pagmo::problem(problem_of(grid, values.front().size())), 0, short_seed);
  for (std::size_t i = 0; i < parents.size(); ++i) {
    const std::vector<std::uint32_t> choices = grid.choices(parents[i].point);
    pagmo::vector_double position;
    for (const std::size_t axis : genes) {
      position.push_back(choices[axis]);
    }
    population.push_back(position, values[i]);
  }
  constexpr double crossover = 0.95;
  const double mutation = 1.0 / static_cast<double>(genes.size());
  constexpr double unused_index = 10.0;  // of crossover and mutation of genes that are no integers
  pagmo::nsga2 algorithm(1, crossover, unused_index, mutation, unused_index, short_seed);
  pagmo::vector_double found;
  algorithm.set_bfe(pagmo::bfe(ChildCatcher{&found}));
  algorithm.evolve(population);

  std::vector<std::uint64_t> points;
  for (std::size_t begin = 0; begin < found.size(); begin += genes.size()) {
    std::vector<std::uint32_t> choices(grid.axes(), 0);
    for (std::size_t i = 0; i < genes.size(); ++i) {
      choices[genes[i]] = static_cast<std::uint32_t>(found[begin + i]);
    }
    points.push_back(grid.point(choices));
  }
  return points;
}

namespace {

/// The members of a front, those in the emptiest surroundings first.
std::vector<pagmo::pop_size_t> by_crowding(const std::vector<pagmo::pop_size_t>& front,
                                           const std::vector<Values>& values) {
  if (front.size() < 3) {
    return front;
  }
  std::vector<Values> of_front;
  of_front.reserve(front.size());
  for (const pagmo::pop_size_t member : front) {
    of_front.push_back(values[member]);
  }
  const pagmo::vector_double distances = pagmo::crowding_distance(differing(of_front));
  std::vector<std::size_t> order(front.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return distances[a] > distances[b]; });
  std::vector<pagmo::pop_size_t> sorted;
  sorted.reserve(front.size());
  for (const std::size_t position : order) {
    sorted.push_back(front[position]);
  }
  return sorted;
}

}  // namespace

std::vector<Individual> survivors(std::vector<Individual> individuals, std::size_t count) {
  if (individuals.size() <= count) {
    return individuals;
  }
  const std::vector<Values> values = values_of(individuals);
  const pagmo::fnds_return_type sorted = pagmo::fast_non_dominated_sorting(values);
  std::vector<Individual> best;
  for (const auto& front : std::get<0>(sorted)) {
    const bool fits = best.size() + front.size() <= count;
    for (const pagmo::pop_size_t member : fits ? front : by_crowding(front, values)) {
      if (best.size() < count) {
        best.push_back(std::move(individuals[member]));
      }
    }
  }
  return best;
}

}  // namespace lacuna::breeding

#include "sim/sweep/nsga2.h"

#include <algorithm>
#include <utility>

#include <boost/random/uniform_int_distribution.hpp>

#include "sim/sweep/breeding.h"

namespace lacuna {

bool has_nsga2() {
  return breeding::is_built();
}

Nsga2::Nsga2(const Grid& grid, std::size_t population, std::uint64_t seed)
    : grid_(grid), population_(population), seed_(seed), random_(seed) {}

std::vector<std::uint64_t> Nsga2::first_generation() const {
  SamplingConfig sampling;
  sampling.method = SamplingConfig::Method::latin_hypercube;
  sampling.points = population_;
  sampling.seed = seed_;
  return sample(grid_, sampling);
}

/// Random points until the generation is full or the grid is empty.
void Nsga2::add_unseen(std::vector<std::uint64_t>& points) {
  std::set<std::uint64_t> taken(points.begin(), points.end());
  boost::random::uniform_int_distribution<std::uint64_t> any(0, grid_.points() - 1);
  while (points.size() < population_ && seen_.size() + taken.size() < grid_.points()) {
    std::uint64_t point = any(random_);
    while (seen_.count(point) > 0 || taken.count(point) > 0) {
      point = (point + 1) % grid_.points();
    }
    taken.insert(point);
    points.push_back(point);
  }
}

std::vector<std::uint64_t> Nsga2::children() {
  std::vector<std::uint64_t> points;
  for (const std::uint64_t point : breeding::children(grid_, parents_, random_())) {
    if (seen_.count(point) == 0 && std::find(points.begin(), points.end(), point) == points.end()) {
      points.push_back(point);
    }
  }
  return points;
}

std::vector<std::uint64_t> Nsga2::ask() {
  std::vector<std::uint64_t> points;
  if (parents_.empty()) {
    points = first_generation();
    add_unseen(points);
    return points;
  }
  // Near the end of a search parents may have no child that was not looked at before.
  constexpr int patience = 8;
  for (int turn = 0; turn < patience && points.empty(); ++turn) {
    points = children();
  }
  if (points.empty()) {
    add_unseen(points);
  }
  return points;
}

void Nsga2::tell(std::vector<Individual> generation) {
  for (Individual& individual : generation) {
    seen_.insert(individual.point);
    parents_.push_back(std::move(individual));
  }
  parents_ = breeding::survivors(std::move(parents_), population_);
}

}  // namespace lacuna

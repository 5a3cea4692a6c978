#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/sweep/nsga2.h"

/// The operators of NSGA-II as libpagmo has them: the one place that knows it. Without it `is_built` is false
/// and the others throw std::logic_error.
namespace lacuna::breeding {

bool is_built();

/// As many children as there are parents (a multiple of 4, at least 8, of distinct points) by tournaments,
/// crossover and mutation. They may be equal to one another and to their parents.
std::vector<std::uint64_t> children(const Grid& grid, const std::vector<Individual>& parents,
                                    std::uint64_t seed);

/// The best `count` by front, those of the last front by crowding distance.
std::vector<Individual> survivors(std::vector<Individual> individuals, std::size_t count);

}  // namespace lacuna::breeding

#pragma once

#include <cstddef>
#include <vector>

namespace lacuna {

/// Whether `a` is nowhere larger than `b` and somewhere smaller.
bool dominates(const std::vector<double>& a, const std::vector<double>& b);

/// The positions, ascending, of those vectors that no other one dominates; smaller values are better. Equal
/// vectors are on the front together; vectors with a NaN count for nothing. All have the same size. For at
/// most two values in a vector the time is that of sorting.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values);

}  // namespace lacuna

// In place of breeding.cpp where libpagmo is missing.

#include <stdexcept>

#include "sim/sweep/breeding.h"

namespace lacuna::breeding {

bool is_built() {
  return false;
}

std::vector<std::uint64_t> children(const Grid& /*grid*/, const std::vector<Individual>& /*parents*/,
                                    std::uint64_t /*seed*/) {
  throw std::logic_error("NSGA-II without libpagmo");
}

std::vector<Individual> survivors(std::vector<Individual> /*individuals*/, std::size_t /*count*/) {
  throw std::logic_error("NSGA-II without libpagmo");
}

}  // namespace lacuna::breeding

#include "sim/eie/network/product_machine.h"

#include <algorithm>

#include "sim/eie/run/run_layer.h"

namespace lacuna {
namespace {

void add_pes(const std::vector<eie::PeResult>& more, std::vector<eie::PeResult>& sums) {
  sums.resize(std::max(sums.size(), more.size()));
  for (std::size_t pe = 0; pe < more.size(); ++pe) {
    sums[pe].cycles += more[pe].cycles;
    sums[pe].events += more[pe].events;
  }
}

}  // namespace

void ProductCounts::add(const eie::RunResult& result) {
  sums += sums_of(result);
  add_pes(result.pes, pes);
}

ProductCounts& ProductCounts::operator+=(const ProductCounts& other) {
  sums += other.sums;
  add_pes(other.pes, pes);
  return *this;
}

}  // namespace lacuna

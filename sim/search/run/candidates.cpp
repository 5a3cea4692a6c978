#include "sim/search/run/candidates.h"

#include <algorithm>
#include <numeric>

#include <boost/random/uniform_int_distribution.hpp>

#include "models/common/error.h"
#include "sim/search/block_network.h"
#include "sim/yaml/error_place.h"

namespace lacuna {

namespace {

/// Parameters of each type in each place.
std::vector<std::vector<std::uint64_t>> stored_table(const Search& search) {
  std::vector<std::vector<std::uint64_t>> table;
  for (const BlockPlace& place : block_places(search.skeleton)) {
    std::vector<std::uint64_t>& row = table.emplace_back();
    for (const BlockType& type : search.types) {
      row.push_back(stored_parameters(block_layers(type, place)));
    }
  }
  return table;
}

std::unique_ptr<BudgetSampler> sampler_within(const Search& search, const ParameterRange& range) {
  std::vector<std::vector<std::uint64_t>> table = stored_table(search);
  const std::vector<BlockType> first(table.size(), search.types.front());
  const BlockNetwork network = block_network(search.skeleton, first);
  std::uint64_t rest = stored_parameters(network.network);
  std::uint64_t most = 0;
  for (const std::vector<std::uint64_t>& row : table) {
    rest -= row.front();
    most += *std::max_element(row.begin(), row.end());
  }
  const auto of_blocks = [rest](std::uint64_t bound) { return bound < rest ? 0 : bound - rest; };
  if (range.highest < rest || range.lowest > range.highest) {
    throw ConfigurationError({}, "no network has so many parameters as the filters ask for",
                             "a wider range of parameters");
  }
  return std::make_unique<BudgetSampler>(std::move(table), of_blocks(range.lowest),
                                         std::min(of_blocks(range.highest), most));
}

}  // namespace

CandidateSource::CandidateSource(const Search& search)
    : sizes_(gene_sizes(search)), position_(sizes_.size(), 0), random_(search.config.seed) {
  for (const std::size_t size : sizes_) {
    space_ *= static_cast<double>(size);
  }
  whole_ = space_ <= static_cast<double>(search.draws);
  const std::optional<ParameterRange> range = parameter_range(search.filters);
  if (range && !whole_) {
    sampler_ = at_place({{}, 0, "search.filters"}, [&] { return sampler_within(search, *range); });
  }
}

bool CandidateSource::count_on() {
  for (std::size_t gene = sizes_.size(); gene > 0; --gene) {
    if (++position_[gene - 1] < sizes_[gene - 1]) {
      return true;
    }
    position_[gene - 1] = 0;
  }
  return false;
}

Genotype CandidateSource::draw() {
  Genotype genotype = sampler_ ? sampler_->draw(random_) : Genotype();
  while (genotype.size() < sizes_.size()) {
    boost::random::uniform_int_distribution<std::size_t> choice(0, sizes_[genotype.size()] - 1);
    genotype.push_back(choice(random_));
  }
  return genotype;
}

std::vector<Genotype> CandidateSource::next(std::size_t count) {
  constexpr int patience = 10000;
  std::vector<Genotype> found;
  for (int idle = 0; found.size() < count && !ended_;) {
    if (whole_) {
      found.push_back(position_);
      ended_ = !count_on();
      continue;
    }
    Genotype genotype = draw();
    if (seen_.insert(genotype).second) {
      found.push_back(std::move(genotype));
      idle = 0;
    } else {
      ended_ = ++idle >= patience;
    }
  }
  return found;
}

}  // namespace lacuna

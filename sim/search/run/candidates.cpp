#include "sim/search/run/candidates.h"

#include <algorithm>
#include <numeric>

#include <boost/random/uniform_int_distribution.hpp>

#include "models/common/error.h"
#include "sim/search/block_network.h"
#include "sim/yaml/error_place.h"

namespace lacuna {

std::vector<BlockType> types_of(const Search& search, const Genotype& genotype) {
  std::vector<BlockType> types;
  types.reserve(genotype.size());
  for (const std::size_t type : genotype) {
    types.push_back(search.types[type]);
  }
  return types;
}

std::string genotype_text(const Search& search, const Genotype& genotype) {
  std::string text;
  for (const std::size_t type : genotype) {
    text += (text.empty() ? "" : " ") + std::string(search.types[type].name);
  }
  return text;
}

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
  const Genotype first(table.size(), 0);
  const BlockNetwork network = block_network(search.skeleton, types_of(search, first));
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
    : places_(block_places(search.skeleton).size()),
      types_(search.types.size()),
      position_(places_, 0),
      random_(search.config.seed) {
  for (std::size_t place = 0; place < places_; ++place) {
    space_ *= static_cast<double>(types_);
  }
  whole_ = space_ <= static_cast<double>(search.draws);
  const std::optional<ParameterRange> range = parameter_range(search.filters);
  if (range && !whole_) {
    sampler_ = at_place({{}, 0, "search.filters"}, [&] { return sampler_within(search, *range); });
  }
}

bool CandidateSource::count_on() {
  for (std::size_t place = places_; place > 0; --place) {
    if (++position_[place - 1] < types_) {
      return true;
    }
    position_[place - 1] = 0;
  }
  return false;
}

Genotype CandidateSource::draw() {
  if (sampler_) {
    return sampler_->draw(random_);
  }
  boost::random::uniform_int_distribution<std::size_t> type(0, types_ - 1);
  Genotype genotype(places_);
  std::generate(genotype.begin(), genotype.end(), [&] { return type(random_); });
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

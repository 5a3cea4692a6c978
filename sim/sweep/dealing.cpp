#include "sim/sweep/dealing.h"

#include <algorithm>
#include <tuple>

namespace lacuna {
namespace {

/// The finaliser of SplitMix64 (Steele et al., OOPSLA 2014): a bijection that scatters neighbours.
std::uint64_t scattered(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15U;
  number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31U);
}

}  // namespace

std::vector<std::size_t> order_by_cost(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                       EqualCost equal) {
  struct Card {
    std::size_t workload = 0;
    double cost = 0.0;
    std::uint64_t tie = 0;
    std::size_t position = 0;
  };
  std::vector<Card> cards;
  cards.reserve(points.size());
  for (const std::uint64_t number : points) {
    const Choices choices = sweep.grid.choices(number);
    cards.push_back({sweep.space->workload_of(choices), sweep.space->expected_cost(choices),
                     equal == EqualCost::scattered ? scattered(number) : number, cards.size()});
  }
  std::sort(cards.begin(), cards.end(), [](const Card& a, const Card& b) {
    return std::tie(a.workload, b.cost, a.tie) < std::tie(b.workload, a.cost, b.tie);
  });
  std::vector<std::size_t> order;
  order.reserve(cards.size());
  for (const Card& card : cards) {
    order.push_back(card.position);
  }
  return order;
}

PointDealer::PointDealer(const Sweep& sweep, const std::vector<std::uint64_t>& points, std::size_t hands)
    : hands_(std::max<std::size_t>(hands, 1)) {
  points_.reserve(points.size());
  std::size_t workload = 0;
  for (const std::size_t position : order_by_cost(sweep, points, EqualCost::by_number)) {
    const std::size_t next = sweep.space->workload_of(sweep.grid.choices(points[position]));
    if (!points_.empty() && next != workload) {
      ends_.push_back(points_.size());
    }
    workload = next;
    points_.push_back(points[position]);
  }
  ends_.push_back(points_.size());
}

std::size_t PointDealer::batch_size() const {
  constexpr std::size_t rounds_left = 4;
  const std::size_t left = points_.size() - dealt_;
  const std::size_t of_workload = *std::upper_bound(ends_.begin(), ends_.end(), dealt_) - dealt_;
  const std::size_t share = std::clamp<std::size_t>(left / (rounds_left * hands_), 1, largest_batch);
  return std::min(share, of_workload);
}

std::vector<std::uint64_t> PointDealer::next() {
  if (dealt_ == points_.size()) {
    return {};
  }
  const auto begin = points_.begin() + static_cast<std::ptrdiff_t>(dealt_);
  const std::size_t size = batch_size();
  dealt_ += size;
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace lacuna

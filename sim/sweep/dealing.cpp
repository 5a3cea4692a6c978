#include "sim/sweep/dealing.h"

#include <algorithm>
#include <map>
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

/// A point on its way into an order.
struct Card {
  CostedPoint point;
  std::uint64_t number = 0;
};

std::vector<Card> cards_of(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                           const std::string& engine, const SweepSurroundings& surroundings) {
  const PointCost cost = sweep.space->expected_cost(engine, surroundings);
  std::vector<Card> cards;
  cards.reserve(points.size());
  for (const std::uint64_t number : points) {
    const Choices choices = sweep.grid.choices(number);
    cards.push_back({{cards.size(), sweep.space->workload_of(choices), cost(choices)}, number});
  }
  return cards;
}

}  // namespace

std::vector<CostedPoint> order_by_cost(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                       const SweepSurroundings& surroundings) {
  std::vector<Card> cards = cards_of(sweep, points, sweep.engine, surroundings);
  for (Card& card : cards) {
    card.number = scattered(card.number);
  }
  std::sort(cards.begin(), cards.end(), [](const Card& a, const Card& b) {
    return std::tie(b.point.cost, a.point.workload, a.number) <
           std::tie(a.point.cost, b.point.workload, b.number);
  });
  std::vector<CostedPoint> order;
  order.reserve(cards.size());
  for (const Card& card : cards) {
    order.push_back(card.point);
  }
  return order;
}

ShardDealer::ShardDealer(std::uint64_t count) {
  for (std::uint64_t shard = 1; shard <= count; ++shard) {
    loads_.emplace(0, shard);
  }
}

std::uint64_t ShardDealer::next(std::uint64_t cost) {
  const auto [load, shard] = loads_.top();
  loads_.pop();
  loads_.emplace(load + cost, shard);
  return shard;
}

PointDealer::PointDealer(const PointTask& task, std::size_t hands) : hands_(std::max<std::size_t>(hands, 1)) {
  std::vector<Card> cards = cards_of(task.sweep, task.points, task.engine, task.surroundings);
  std::map<std::size_t, std::uint64_t> longest;  // of each workload
  for (const Card& card : cards) {
    std::uint64_t& most = longest[card.point.workload];
    most = std::max(most, card.point.cost);
  }
  std::sort(cards.begin(), cards.end(), [&longest](const Card& a, const Card& b) {
    return std::tie(longest.at(b.point.workload), a.point.workload, b.point.cost, a.number) <
           std::tie(longest.at(a.point.workload), b.point.workload, a.point.cost, b.number);
  });
  points_.reserve(cards.size());
  for (std::size_t i = 0; i < cards.size(); ++i) {
    if (i > 0 && cards[i].point.workload != cards[i - 1].point.workload) {
      ends_.push_back(i);
    }
    points_.push_back(cards[i].number);
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

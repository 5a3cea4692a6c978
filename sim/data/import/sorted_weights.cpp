#include "sim/data/import/sorted_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include <boost/sort/spreadsort/integer_sort.hpp>

namespace lacuna {
namespace {

constexpr int fine_bits = 62;

/// 2 n magnitude^2 has 126 bits at most.
int coarse_bits(std::size_t count) {
  int bits = 0;
  while (count >> static_cast<unsigned>(bits) != 0) {
    ++bits;
  }
  return (124 - bits) / 2;
}

/// An integer in the order of the numbers.
std::uint32_t key_of(float number) {
  constexpr std::uint32_t sign = 0x80000000U;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

struct ShiftedKey {
  std::uint32_t operator()(float number, unsigned shift) const { return key_of(number) >> shift; }
};

/// Ascending; radix sort in place, on integers in the same order, because Boost's own for floats subtracts
/// numbers of opposite signs as int, which overflows.
void sort(std::vector<float>& numbers) {
  boost::sort::spreadsort::integer_sort(numbers.begin(), numbers.end(), ShiftedKey{},
                                        [](float a, float b) { return key_of(a) < key_of(b); });
}

}  // namespace

SortedWeights::SortedWeights(std::vector<float> weights) : sorted_(std::move(weights)) {
  sort(sorted_);
  const double largest = std::max(std::fabs(static_cast<double>(sorted_.front())),
                                  std::fabs(static_cast<double>(sorted_.back())));
  int exponent = 0;
  std::frexp(largest, &exponent);  // largest < 2^exponent
  units_per_one_ = std::ldexp(1.0, fine_bits - exponent);
  coarse_shift_ = std::max(0, fine_bits - coarse_bits(sorted_.size()));
  Sums sums;
  blocks_.reserve(sorted_.size() / block + 1);
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    if (i % block == 0) {
      blocks_.push_back(sums);
    }
    add(i, sums);
  }
  if (sorted_.size() % block == 0) {
    blocks_.push_back(sums);
  }
}

std::int64_t SortedWeights::integer_of(double number) const {
  return std::llrint(number * units_per_one_);
}

double SortedWeights::mean(WideInteger sum, std::int64_t count) const {
  return static_cast<double>(sum) / static_cast<double>(count) / units_per_one_;
}

void SortedWeights::add(std::size_t position, Sums& sums) const {
  const std::int64_t fine = integer(position);
  const WideInteger rough = coarse(fine);
  sums.fine += fine;
  sums.coarse += rough;
  sums.squares += rough * rough;
}

SortedWeights::Sums SortedWeights::sums_before(std::size_t position) const {
  Sums sums = blocks_[position / block];
  for (std::size_t i = position - position % block; i < position; ++i) {
    add(i, sums);
  }
  return sums;
}

WideInteger SortedWeights::sum(std::size_t begin, std::size_t end) const {
  return sums_before(end).fine - sums_before(begin).fine;
}

double SortedWeights::squared_error(std::size_t begin, std::size_t end) const {
  const Sums before = sums_before(begin);
  const Sums behind = sums_before(end);
  return lacuna::squared_error(static_cast<WideInteger>(end - begin), behind.coarse - before.coarse,
                               behind.squares - before.squares, coarse(integer(begin + (end - begin) / 2)));
}

std::size_t SortedWeights::first_above(WideInteger limit) const {
  const auto first = std::upper_bound(
      sorted_.begin(), sorted_.end(), limit,
      [this](WideInteger most, float weight) { return most < integer_of(static_cast<double>(weight)); });
  return static_cast<std::size_t>(first - sorted_.begin());
}

double squared_error(WideInteger count, WideInteger sum, WideInteger squares, WideInteger near) {
  const WideInteger from_near = squares - 2 * near * sum + count * near * near;
  const auto shift = static_cast<double>(sum - count * near);
  return std::max(0.0, static_cast<double>(from_near) - shift * shift / static_cast<double>(count));
}

}  // namespace lacuna

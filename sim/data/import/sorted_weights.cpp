#include "sim/data/import/sorted_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <utility>

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

using WeightPlace = std::vector<float>::iterator;

bool has_smaller_key(float a, float b) {
  return key_of(a) < key_of(b);
}

/// The `bits` bits of the key above the `shift` lowest.
template <unsigned bits>
std::uint32_t digit_of(float number, unsigned shift) {
  return key_of(number) >> shift & ((1U << bits) - 1U);
}

/// Begins of the numbers of each digit; the end behind them.
template <unsigned bits>
std::vector<std::size_t> digit_starts(WeightPlace begin, WeightPlace end, unsigned shift) {
  std::vector<std::size_t> starts((std::size_t{1} << bits) + 1, 0);
  for (WeightPlace number = begin; number != end; ++number) {
    ++starts[std::size_t{digit_of<bits>(*number, shift)} + 1];
  }
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  return starts;
}

/// Moves the numbers to `to`, sorted by a digit, stably.
template <unsigned bits>
void sort_digit(WeightPlace begin, WeightPlace end, unsigned shift, WeightPlace to) {
  std::vector<std::size_t> next = digit_starts<bits>(begin, end, shift);
  for (WeightPlace number = begin; number != end; ++number) {
    to[static_cast<std::ptrdiff_t>(next[digit_of<bits>(*number, shift)]++)] = *number;
  }
}

/// Ascending. A radix sort: numbers change places until each is among those of its 11 highest bits, and these
/// are sorted by the 10 lowest bits and the 11 between. It needs room for the most that have equal highest
/// bits. With Boost's radix sort an import of 1e8 weights takes 1.4 times as long.
void sort(std::vector<float>& numbers) {
  constexpr unsigned high_bits = 11;
  constexpr unsigned middle_bits = 11;
  constexpr unsigned low_bits = 10;
  constexpr std::size_t few = 256;
  const std::vector<std::size_t> starts =
      digit_starts<high_bits>(numbers.begin(), numbers.end(), middle_bits + low_bits);
  std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
  for (std::size_t digit = 0; digit < next.size(); ++digit) {
    while (next[digit] < starts[digit + 1]) {
      float& number = numbers[next[digit]];
      const std::size_t own = digit_of<high_bits>(number, middle_bits + low_bits);
      if (own == digit) {
        ++next[digit];
      } else {
        std::swap(number, numbers[next[own]++]);
      }
    }
  }
  std::vector<float> beside;
  for (std::size_t digit = 0; digit < next.size(); ++digit) {
    const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(starts[digit]);
    const auto end = numbers.begin() + static_cast<std::ptrdiff_t>(starts[digit + 1]);
    const auto count = static_cast<std::size_t>(end - begin);
    if (count < few) {
      std::sort(begin, end, has_smaller_key);
      continue;
    }
    beside.resize(std::max(beside.size(), count));
    sort_digit<low_bits>(begin, end, 0, beside.begin());
    sort_digit<middle_bits>(beside.begin(), beside.begin() + (end - begin), low_bits, begin);
  }
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

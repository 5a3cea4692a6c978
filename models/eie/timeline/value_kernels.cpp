#include "models/eie/timeline/value_kernels.h"

#include <algorithm>

#include "models/common/vector_clones.h"

namespace lacuna::eie {
namespace {

template <Rounding rounding>
void add_rounded(const ValueArithmetic& arithmetic, const ValueEntries& entries, std::uint64_t begin,
                 std::uint64_t end, std::int64_t activation, std::int64_t* accumulators,
                 std::vector<std::uint64_t>& saturations) {
  const std::uint32_t* const rows = entries.rows();
  const std::uint8_t* const codes = entries.codes();
  const int shift = arithmetic.shift;
  const std::int64_t low = arithmetic.accumulator.min_raw();
  const std::int64_t high = arithmetic.accumulator.max_raw();
  for (std::uint64_t e = begin; e < end; ++e) {
    const std::int64_t product = arithmetic.codebook[codes[e]] * activation;
    const std::int64_t sum = accumulators[rows[e]] + round_shift(product, shift, rounding);
    const std::int64_t kept = std::min(std::max(sum, low), high);
    if (kept != sum) {
      ++saturations[rows[e] % saturations.size()];
    }
    accumulators[rows[e]] = kept;
  }
}

/// The rounded products of one weight and all activations, clipped to `low` .. `high`.
template <Rounding rounding, class Accumulator>
LACUNA_INLINE void make_term(std::int64_t weight, const std::int32_t* activations, int shift,
                             std::int64_t low, std::int64_t high, Accumulator* term) {
  for (std::size_t lane = 0; lane < value_lanes; ++lane) {
    const std::int64_t rounded = round_shift(weight * activations[lane], shift, rounding);
    term[lane] = static_cast<Accumulator>(std::min(std::max(rounded, low), high));
  }
}

template <class Accumulator>
LACUNA_INLINE void add_term(const Accumulator* term, Accumulator low, Accumulator high, Accumulator* sums,
                            Accumulator* changed) {
  for (std::size_t lane = 0; lane < value_lanes; ++lane) {
    const auto sum = static_cast<Accumulator>(sums[lane] + term[lane]);
    const Accumulator kept = std::min(std::max(sum, low), high);
    changed[lane] |= static_cast<Accumulator>(sum ^ kept);
    sums[lane] = kept;
  }
}

/// Adds the entries `begin` .. `end` - 1; returns whether a sum was clipped. A table of terms pays when
/// there are more entries than codes.
template <Rounding rounding, class Accumulator>
LACUNA_VECTOR_CLONES bool add_lanes(const ValueArithmetic& arithmetic, const std::uint32_t* rows,
                                    const std::uint8_t* codes, std::size_t size,
                                    const std::int32_t* activations, Accumulator* terms, Accumulator* sums) {
  const auto low = static_cast<Accumulator>(arithmetic.accumulator.min_raw());
  const auto high = static_cast<Accumulator>(arithmetic.accumulator.max_raw());
  // Twice the range: a clipped term takes any sum out of the range just as the whole one does.
  const std::int64_t least = sizeof(Accumulator) == 8 ? INT64_MIN : 2 * std::int64_t{low};
  const std::int64_t most = sizeof(Accumulator) == 8 ? INT64_MAX : 2 * std::int64_t{high} + 2;
  Accumulator changed[value_lanes] = {};
  if (size > arithmetic.codes) {
    for (std::size_t code = 1; code < arithmetic.codes; ++code) {
      make_term<rounding>(arithmetic.codebook[code], activations, arithmetic.shift, least, most,
                          terms + code * value_lanes);
    }
    for (std::size_t e = 0; e < size; ++e) {
      add_term(terms + codes[e] * value_lanes, low, high, sums + rows[e] * value_lanes, changed);
    }
  } else {
    Accumulator term[value_lanes];
    for (std::size_t e = 0; e < size; ++e) {
      make_term<rounding>(arithmetic.codebook[codes[e]], activations, arithmetic.shift, least, most, term);
      add_term(term, low, high, sums + rows[e] * value_lanes, changed);
    }
  }
  Accumulator any = 0;
  for (const Accumulator lane : changed) {
    any |= lane;
  }
  return any != 0;
}

}  // namespace

void add_column(const ValueArithmetic& arithmetic, const ValueEntries& entries, std::size_t image_column,
                std::int64_t activation, std::int64_t* accumulators,
                std::vector<std::uint64_t>& saturations) {
  const std::uint64_t begin = entries.begin_of(image_column);
  const std::uint64_t end = entries.end_of(image_column);
  switch (arithmetic.rounding) {
    case Rounding::truncate:
      add_rounded<Rounding::truncate>(arithmetic, entries, begin, end, activation, accumulators, saturations);
      break;
    case Rounding::nearest:
      add_rounded<Rounding::nearest>(arithmetic, entries, begin, end, activation, accumulators, saturations);
      break;
    case Rounding::nearest_even:
      add_rounded<Rounding::nearest_even>(arithmetic, entries, begin, end, activation, accumulators,
                                          saturations);
      break;
  }
}

template <class Accumulator>
LaneAccumulators<Accumulator>::LaneAccumulators(const ValueArithmetic& arithmetic, std::size_t rows)
    : arithmetic_(arithmetic), sums_(rows * value_lanes), terms_(arithmetic.codes * value_lanes) {}

template <class Accumulator>
void LaneAccumulators<Accumulator>::clear() {
  std::fill(sums_.begin(), sums_.end(), Accumulator{0});
  clipped_ = false;
}

template <class Accumulator>
void LaneAccumulators<Accumulator>::add_column(const ValueEntries& entries, std::size_t image_column,
                                               const std::int32_t* activations) {
  const std::uint64_t begin = entries.begin_of(image_column);
  const std::uint32_t* const rows = entries.rows() + begin;
  const std::uint8_t* const codes = entries.codes() + begin;
  const auto size = static_cast<std::size_t>(entries.end_of(image_column) - begin);
  Accumulator* const terms = terms_.data();
  Accumulator* const sums = sums_.data();
  bool clipped = false;
  switch (arithmetic_.rounding) {
    case Rounding::truncate:
      clipped = add_lanes<Rounding::truncate>(arithmetic_, rows, codes, size, activations, terms, sums);
      break;
    case Rounding::nearest:
      clipped = add_lanes<Rounding::nearest>(arithmetic_, rows, codes, size, activations, terms, sums);
      break;
    case Rounding::nearest_even:
      clipped = add_lanes<Rounding::nearest_even>(arithmetic_, rows, codes, size, activations, terms, sums);
      break;
  }
  clipped_ = clipped_ || clipped;
}

template class LaneAccumulators<std::int32_t>;
template class LaneAccumulators<std::int64_t>;

}  // namespace lacuna::eie

#include "models/eie/timeline/values.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/fixed_point.h"
#include "models/common/vector_clones.h"

namespace lacuna::eie {

namespace {

constexpr std::size_t most_codes = 256;

/// A table of rounded products pays when there are more entries than codes.
template <Rounding rounding>
void add_rounded(const ValueArithmetic& arithmetic, const ValueEntries& entries, std::int64_t activation,
                 std::int64_t* accumulators, std::vector<std::uint64_t>& saturations) {
  const std::int64_t low = arithmetic.accumulator.min_raw();
  const std::int64_t high = arithmetic.accumulator.max_raw();
  const auto term_of = [&](std::size_t code) {
    return round_shift(arithmetic.codebook[code] * activation, arithmetic.shift, rounding);
  };
  const auto add = [&](std::uint32_t row, std::int64_t term) {
    const std::int64_t sum = accumulators[row] + term;
    const std::int64_t kept = std::min(std::max(sum, low), high);
    if (kept != sum) {
      ++saturations[row % saturations.size()];
    }
    accumulators[row] = kept;
  };
  if (entries.size <= arithmetic.codes) {
    for (std::size_t e = 0; e < entries.size; ++e) {
      add(entries.rows[e], term_of(entries.codes[e]));
    }
    return;
  }
  std::int64_t terms[most_codes];
  for (std::size_t code = 0; code < std::min(arithmetic.codes, most_codes); ++code) {
    terms[code] = term_of(code);
  }
  for (std::size_t e = 0; e < entries.size; ++e) {
    add(entries.rows[e], terms[entries.codes[e]]);
  }
}

/// The rounded products of one weight and all activations, clipped to `low` .. `high`.
template <Rounding rounding, std::size_t lanes, class Accumulator>
LACUNA_INLINE void make_term(std::int64_t weight, const std::int32_t* activations, int shift,
                             std::int64_t low, std::int64_t high, Accumulator* term) {
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::int64_t rounded = round_shift(weight * activations[lane], shift, rounding);
    term[lane] = static_cast<Accumulator>(std::min(std::max(rounded, low), high));
  }
}

/// Adds terms to the sums of some vectors. The lanes are one vector register, where compilers have such
/// types: they leave a loop over four of them as it is.
#if defined(__GNUC__)
template <class Accumulator, std::size_t lanes>
struct Lanes {
  typedef Accumulator Vector __attribute__((vector_size(lanes * sizeof(Accumulator))));

  static LACUNA_INLINE void add_term(const Accumulator* term, Accumulator low, Accumulator high,
                                     Accumulator* sums, Vector& changed) {
    Vector added;
    Vector sum;
    std::memcpy(&added, term, sizeof added);
    std::memcpy(&sum, sums, sizeof sum);
    sum += added;
    const Vector least = Vector{} + low;
    const Vector most = Vector{} + high;
    Vector kept = sum > least ? sum : least;
    kept = kept < most ? kept : most;
    changed |= sum ^ kept;
    std::memcpy(sums, &kept, sizeof kept);
  }
};
#else
template <class Accumulator, std::size_t lanes>
struct Lanes {
  using Vector = std::array<Accumulator, lanes>;

  static void add_term(const Accumulator* term, Accumulator low, Accumulator high, Accumulator* sums,
                       Vector& changed) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto sum = static_cast<Accumulator>(sums[lane] + term[lane]);
      const Accumulator kept = std::min(std::max(sum, low), high);
      changed[lane] |= static_cast<Accumulator>(sum ^ kept);
      sums[lane] = kept;
    }
  }
};
#endif

/// Adds the entries `begin` .. `end` - 1; returns whether a sum was clipped. A table of terms pays when
/// there are more entries than codes.
template <Rounding rounding, std::size_t lanes, class Accumulator>
LACUNA_VECTOR_CLONES bool add_lanes(const ValueArithmetic& arithmetic, const std::uint32_t* rows,
                                    const std::uint8_t* codes, std::size_t size, std::uint32_t first_row,
                                    const std::int32_t* activations, Accumulator* terms, Accumulator* sums) {
  const auto low = static_cast<Accumulator>(arithmetic.accumulator.min_raw());
  const auto high = static_cast<Accumulator>(arithmetic.accumulator.max_raw());
  // Twice the range: a clipped term takes any sum out of the range just as the whole one does.
  const std::int64_t least = sizeof(Accumulator) == 8 ? INT64_MIN : 2 * std::int64_t{low};
  const std::int64_t most = sizeof(Accumulator) == 8 ? INT64_MAX : 2 * std::int64_t{high} + 2;
  typename Lanes<Accumulator, lanes>::Vector changed = {};
  if (size > arithmetic.codes) {
    for (std::size_t code = 1; code < arithmetic.codes; ++code) {
      make_term<rounding, lanes>(arithmetic.codebook[code], activations, arithmetic.shift, least, most,
                                 terms + code * lanes);
    }
    for (std::size_t e = 0; e < size; ++e) {
      Lanes<Accumulator, lanes>::add_term(terms + codes[e] * lanes, low, high,
                                          sums + std::size_t{rows[e] - first_row} * lanes, changed);
    }
  } else {
    Accumulator term[lanes];
    for (std::size_t e = 0; e < size; ++e) {
      make_term<rounding, lanes>(arithmetic.codebook[codes[e]], activations, arithmetic.shift, least, most,
                                 term);
      Lanes<Accumulator, lanes>::add_term(term, low, high, sums + std::size_t{rows[e] - first_row} * lanes,
                                          changed);
    }
  }
  Accumulator any = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    any |= changed[lane];
  }
  return any != 0;
}

}  // namespace

void add_entries(const ValueArithmetic& arithmetic, const ValueEntries& entries, std::int64_t activation,
                 std::int64_t* accumulators, std::vector<std::uint64_t>& saturations) {
  switch (arithmetic.rounding) {
    case Rounding::truncate:
      return add_rounded<Rounding::truncate>(arithmetic, entries, activation, accumulators, saturations);
    case Rounding::nearest:
      return add_rounded<Rounding::nearest>(arithmetic, entries, activation, accumulators, saturations);
    case Rounding::nearest_even:
      return add_rounded<Rounding::nearest_even>(arithmetic, entries, activation, accumulators, saturations);
  }
}

template <class Accumulator, std::size_t lanes>
LaneAccumulators<Accumulator, lanes>::LaneAccumulators(const ValueArithmetic& arithmetic, std::size_t rows)
    : arithmetic_(arithmetic), sums_(rows * lanes), terms_(arithmetic.codes * lanes) {}

template <class Accumulator, std::size_t lanes>
void LaneAccumulators<Accumulator, lanes>::clear(std::uint32_t first_row) {
  first_row_ = first_row;
  std::fill(sums_.begin(), sums_.end(), Accumulator{0});
}

template <class Accumulator, std::size_t lanes>
void LaneAccumulators<Accumulator, lanes>::add(const ValueEntries& entries, const std::int32_t* activations) {
  const std::uint32_t* const rows = entries.rows;
  const std::uint8_t* const codes = entries.codes;
  const std::size_t size = entries.size;
  Accumulator* const terms = terms_.data();
  Accumulator* const sums = sums_.data();
  const std::uint32_t first = first_row_;
  bool clipped = false;
  switch (arithmetic_.rounding) {
    case Rounding::truncate:
      clipped = add_lanes<Rounding::truncate, lanes>(arithmetic_, rows, codes, size, first, activations,
                                                     terms, sums);
      break;
    case Rounding::nearest:
      clipped = add_lanes<Rounding::nearest, lanes>(arithmetic_, rows, codes, size, first, activations, terms,
                                                    sums);
      break;
    case Rounding::nearest_even:
      clipped = add_lanes<Rounding::nearest_even, lanes>(arithmetic_, rows, codes, size, first, activations,
                                                         terms, sums);
      break;
  }
  clipped_ = clipped_ || clipped;
}

template class LaneAccumulators<std::int32_t, few_value_lanes>;
template class LaneAccumulators<std::int64_t, few_value_lanes>;
template class LaneAccumulators<std::int32_t, value_lanes>;
template class LaneAccumulators<std::int64_t, value_lanes>;

namespace {

/// Runs of one layer, up to `value_lanes` of them.
class ValueGroup {
 public:
  ValueGroup(const Parameters& parameters, const Layer& layer, const std::vector<std::int32_t>* vectors,
             std::size_t count, RunResult* results)
      : parameters_(parameters),
        layer_(layer),
        arithmetic_{layer.codebook.data(), layer.codebook.size(), layer.formats.product_shift(),
                    parameters.rounding, layer.formats.accumulator},
        vectors_(vectors),
        count_(count),
        results_(results) {}

  void compute() {
    for (std::size_t v = 0; v < count_; ++v) {
      results_[v].outputs.assign(layer_.outputs(), 0);
    }
    if (!side_by_side()) {
      one_by_one();
    } else if (count_ <= few_value_lanes) {
      in_lanes<few_value_lanes>();
    } else {
      in_lanes<value_lanes>();
    }
  }

 private:
  template <std::size_t lanes>
  void in_lanes() {
    if (fits_narrow_lanes(arithmetic_.accumulator)) {
      all_lanes<std::int32_t, lanes>();
    } else {
      all_lanes<std::int64_t, lanes>();
    }
  }

  bool is_broadcast(std::int32_t activation) const {
    return counts_as_nonzero(activation, parameters_.nonzero_detection);
  }

  /// Side by side an entry costs at most as much for up to four vectors as alone for one, for more as alone
  /// for one and a half.
  bool side_by_side() const {
    std::size_t broadcasts = 0;
    for (std::size_t v = 0; v < count_; ++v) {
      broadcasts += static_cast<std::size_t>(std::count_if(vectors_[v].begin(), vectors_[v].end(),
                                                           [&](std::int32_t a) { return is_broadcast(a); }));
    }
    const double cost = count_ <= few_value_lanes ? 1.0 : 1.5;
    return count_ > 1 && static_cast<double>(broadcasts) > cost * layer_.inputs();
  }

  std::int32_t bias_activation() const { return layer_.formats.bias_activation(); }

  std::int32_t output(std::int64_t sum) const {
    const LayerFormats& formats = layer_.formats;
    const std::int64_t value = convert(sum, formats.accumulator, formats.output, arithmetic_.rounding);
    return static_cast<std::int32_t>(layer_.relu ? std::max<std::int64_t>(value, 0) : value);
  }

  /// Nonzeros `begin` .. `end` - 1 of the matrix.
  ValueEntries entries(std::uint64_t begin, std::uint64_t end) const {
    return {layer_.matrix.row_indices.data() + begin, layer_.matrix.codes.data() + begin,
            static_cast<std::size_t>(end - begin)};
  }

  void one_by_one() {
    std::vector<std::int64_t> sums(layer_.outputs());
    for (std::size_t v = 0; v < count_; ++v) {
      add_vector(v, sums);
      std::transform(sums.begin(), sums.end(), results_[v].outputs.begin(),
                     [&](std::int64_t sum) { return output(sum); });
    }
  }

  /// One vector's sums, and its saturations.
  void add_vector(std::size_t v, std::vector<std::int64_t>& sums) {
    const std::vector<std::uint64_t>& starts = layer_.matrix.column_starts;
    const std::vector<std::int32_t>& activations = vectors_[v];
    std::vector<std::uint64_t> saturations(parameters_.pe_count);
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t column = 0; column < activations.size(); ++column) {
      if (is_broadcast(activations[column])) {
        add_entries(arithmetic_, entries(starts[column], starts[column + 1]), activations[column],
                    sums.data(), saturations);
      }
    }
    if (layer_.has_bias) {
      add_entries(arithmetic_, entries(starts[activations.size()], starts[activations.size() + 1]),
                  bias_activation(), sums.data(), saturations);
    }
    for (std::size_t pe = 0; pe < saturations.size(); ++pe) {
      results_[v].pes[pe].events[PeEvent::accumulator_saturations] += saturations[pe];
    }
  }

  /// The sums of all vectors for so many rows at a time stay in a second-level cache.
  static constexpr std::uint32_t most_rows_at_once = 4096;

  template <class Accumulator, std::size_t lane_count>
  void all_lanes() {
    transpose(lane_count);
    const CodedMatrix& matrix = layer_.matrix;
    const std::uint32_t rows_at_once = std::min(matrix.rows, most_rows_at_once);
    std::vector<std::uint64_t> next(matrix.column_starts.begin(), matrix.column_starts.end() - 1);
    LaneAccumulators<Accumulator, lane_count> lanes(arithmetic_, rows_at_once);
    for (std::uint32_t first = 0; first < matrix.rows; first += std::min(rows_at_once, matrix.rows - first)) {
      const std::uint32_t end = first + std::min(rows_at_once, matrix.rows - first);
      lanes.clear(first);
      for (std::size_t column = 0; column < matrix.columns; ++column) {
        const std::uint64_t begin = next[column];
        next[column] = begin + rest_of(column, begin).count_below(end);
        const std::int32_t* const activations = activations_.data() + column * lane_count;
        if (std::any_of(activations, activations + lane_count, [](std::int32_t a) { return a != 0; })) {
          lanes.add(entries(begin, next[column]), activations);
        }
      }
      write_outputs(first, end, lanes);
    }
    if (lanes.clipped()) {
      std::vector<std::int64_t> sums(matrix.rows);
      for (std::size_t v = 0; v < count_; ++v) {
        add_vector(v, sums);
      }
    }
  }

  ColumnRows rest_of(std::size_t column, std::uint64_t begin) const {
    return {layer_.matrix.row_indices.data() + begin,
            static_cast<std::size_t>(layer_.matrix.column_starts[column + 1] - begin)};
  }

  /// Broadcast activations of all vectors side by side, column after column; 0 for those not broadcast.
  void transpose(std::size_t lanes) {
    const std::size_t inputs = layer_.inputs();
    activations_.assign(std::size_t{layer_.matrix.columns} * lanes, 0);
    for (std::size_t v = 0; v < count_; ++v) {
      for (std::size_t column = 0; column < inputs; ++column) {
        const std::int32_t activation = vectors_[v][column];
        activations_[column * lanes + v] = is_broadcast(activation) ? activation : 0;
      }
      if (layer_.has_bias) {
        activations_[inputs * lanes + v] = bias_activation();
      }
    }
  }

  template <class Lanes>
  void write_outputs(std::uint32_t first, std::uint32_t end, const Lanes& lanes) {
    for (std::uint32_t row = first; row < end; ++row) {
      for (std::size_t v = 0; v < count_; ++v) {
        results_[v].outputs[row] = output(lanes.sum(row, v));
      }
    }
  }

  const Parameters& parameters_;
  const Layer& layer_;
  ValueArithmetic arithmetic_;
  const std::vector<std::int32_t>* vectors_;
  std::size_t count_;
  RunResult* results_;
  std::vector<std::int32_t> activations_;
};

}  // namespace

void compute_values(const Parameters& parameters, const Layer& layer,
                    const std::vector<std::int32_t>* vectors, std::size_t count, RunResult* results) {
  const std::vector<std::uint8_t>& codes = layer.matrix.codes;
  const std::uint32_t largest = codes.empty() ? 0 : *std::max_element(codes.begin(), codes.end());
  if (largest >= layer.codebook.size()) {
    throw InputDataError({}, fmt::format("the matrix has an entry with code {}", largest),
                         fmt::format("the codebook has {} shared weights", layer.codebook.size()));
  }
  for (std::size_t first = 0; first < count; first += value_lanes) {
    ValueGroup(parameters, layer, vectors + first, std::min(value_lanes, count - first), results + first)
        .compute();
  }
}

}  // namespace lacuna::eie

#include "models/eie/timeline/values.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/fixed_point.h"
#include "models/common/vector_clones.h"

namespace lacuna::eie {

ValueEntries::ValueEntries(const MemoryImage& image) : starts_(std::size_t{image.image_columns()} + 1, 0) {
  for (const PeMemory& memory : image.pes) {
    for (std::size_t column = 0; column + 1 < starts_.size(); ++column) {
      for (std::uint32_t e = memory.pointers[column]; e < memory.pointers[column + 1]; ++e) {
        starts_[column + 1] += memory.codes[e] != 0 ? 1U : 0U;
      }
    }
  }
  for (std::size_t column = 1; column < starts_.size(); ++column) {
    starts_[column] += starts_[column - 1];
  }
  rows_.resize(starts_.back());
  codes_.resize(starts_.back());
  std::vector<std::uint64_t> next(starts_.begin(), starts_.end() - 1);
  for (std::uint32_t pe = 0; pe < image.geometry.pe_count; ++pe) {
    place(image, pe, next);
  }
  for (const std::uint8_t code : codes_) {
    largest_code_ = std::max<std::uint32_t>(largest_code_, code);
  }
}

void ValueEntries::place(const MemoryImage& image, std::uint32_t pe, std::vector<std::uint64_t>& next) {
  const PeMemory& memory = image.pes[pe];
  const std::uint64_t per_batch = image.batch_rows();
  for (std::size_t column = 0; column < next.size(); ++column) {
    const std::uint64_t rows = std::min(per_batch, image.rows - column / image.columns * per_batch);
    std::uint64_t address = 0;
    for (std::uint32_t e = memory.pointers[column]; e < memory.pointers[column + 1]; ++e, ++address) {
      address += memory.zeros[e];
      if (memory.codes[e] == 0) {
        continue;
      }
      const std::uint64_t row = address * image.geometry.pe_count + pe;
      if (row >= rows) {
        throw InputDataError(
            {}, fmt::format("PE {} has an entry at address {} in image column {}", pe, address, column),
            fmt::format("the row batch has {} rows", rows));
      }
      const std::uint64_t to = next[column]++;
      rows_[to] = static_cast<std::uint32_t>(row);
      codes_[to] = memory.codes[e];
    }
  }
}

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

namespace {

/// Runs of one layer, up to `value_lanes` of them.
class ValueGroup {
 public:
  ValueGroup(const ValueInputs& inputs, const std::vector<std::int32_t>* vectors, std::size_t count,
             RunResult* results)
      : inputs_(inputs),
        arithmetic_{inputs.layer.codebook.data(), inputs.layer.codebook.size(),
                    inputs.layer.formats.product_shift(), inputs.parameters.rounding,
                    inputs.layer.formats.accumulator},
        vectors_(vectors),
        count_(count),
        results_(results),
        per_batch_(inputs.image.batch_rows()) {}

  void compute() {
    for (std::size_t v = 0; v < count_; ++v) {
      results_[v].outputs.assign(inputs_.layer.outputs(), 0);
    }
    if (!side_by_side()) {
      one_by_one();
    } else if (fits_narrow_lanes(arithmetic_.accumulator)) {
      all_lanes<std::int32_t>();
    } else {
      all_lanes<std::int64_t>();
    }
  }

 private:
  bool is_broadcast(std::int32_t activation) const {
    return inputs_.parameters.nonzero_detection == NonzeroDetection::positive ? activation > 0
                                                                              : activation != 0;
  }

  /// Side by side an entry costs about as much for all vectors as alone for two.
  bool side_by_side() {
    std::size_t broadcasts = 0;
    for (std::size_t v = 0; v < count_; ++v) {
      broadcasts += static_cast<std::size_t>(std::count_if(vectors_[v].begin(), vectors_[v].end(),
                                                           [&](std::int32_t a) { return is_broadcast(a); }));
    }
    return count_ > 2 && broadcasts > std::size_t{2} * inputs_.layer.inputs();
  }

  std::int32_t bias_activation() const { return inputs_.layer.formats.bias_activation(); }

  std::uint32_t batch_rows(std::uint32_t batch) const {
    return std::min(per_batch_, inputs_.image.rows - batch * per_batch_);
  }

  std::int32_t output(std::int64_t sum) const {
    const LayerFormats& formats = inputs_.layer.formats;
    const std::int64_t value = convert(sum, formats.accumulator, formats.output, arithmetic_.rounding);
    return static_cast<std::int32_t>(inputs_.layer.relu ? std::max<std::int64_t>(value, 0) : value);
  }

  void one_by_one() {
    std::vector<std::int64_t> sums(per_batch_);
    for (std::uint32_t batch = 0; batch < inputs_.image.row_batches; ++batch) {
      for (std::size_t v = 0; v < count_; ++v) {
        add_vector(v, batch, sums);
        for (std::uint32_t row = 0; row < batch_rows(batch); ++row) {
          results_[v].outputs[batch * per_batch_ + row] = output(sums[row]);
        }
      }
    }
  }

  /// One vector's sums in one row batch, and its saturations.
  void add_vector(std::size_t v, std::uint32_t batch, std::vector<std::int64_t>& sums) {
    const std::size_t first_column = std::size_t{batch} * inputs_.image.columns;
    const std::vector<std::int32_t>& activations = vectors_[v];
    std::vector<std::uint64_t> saturations(inputs_.parameters.pe_count);
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t column = 0; column < activations.size(); ++column) {
      if (is_broadcast(activations[column])) {
        add_column(arithmetic_, inputs_.entries, first_column + column, activations[column], sums.data(),
                   saturations);
      }
    }
    if (inputs_.layer.has_bias) {
      add_column(arithmetic_, inputs_.entries, first_column + activations.size(), bias_activation(),
                 sums.data(), saturations);
    }
    for (std::size_t pe = 0; pe < saturations.size(); ++pe) {
      results_[v].pes[pe].events[PeEvent::accumulator_saturations] += saturations[pe];
    }
  }

  template <class Accumulator>
  void all_lanes() {
    transpose();
    LaneAccumulators<Accumulator> lanes(arithmetic_, per_batch_);
    for (std::uint32_t batch = 0; batch < inputs_.image.row_batches; ++batch) {
      lanes.clear();
      for (std::size_t column = 0; column < inputs_.image.columns; ++column) {
        const std::int32_t* const activations = activations_.data() + column * value_lanes;
        if (std::any_of(activations, activations + value_lanes, [](std::int32_t a) { return a != 0; })) {
          lanes.add_column(inputs_.entries, std::size_t{batch} * inputs_.image.columns + column, activations);
        }
      }
      write_outputs(batch, lanes);
      if (lanes.clipped()) {
        std::vector<std::int64_t> sums(per_batch_);
        for (std::size_t v = 0; v < count_; ++v) {
          add_vector(v, batch, sums);
        }
      }
    }
  }

  /// Broadcast activations of all vectors side by side, column after column; 0 for those not broadcast.
  void transpose() {
    const std::size_t inputs = inputs_.layer.inputs();
    activations_.assign(std::size_t{inputs_.image.columns} * value_lanes, 0);
    for (std::size_t v = 0; v < count_; ++v) {
      for (std::size_t column = 0; column < inputs; ++column) {
        const std::int32_t activation = vectors_[v][column];
        activations_[column * value_lanes + v] = is_broadcast(activation) ? activation : 0;
      }
      if (inputs_.layer.has_bias) {
        activations_[inputs * value_lanes + v] = bias_activation();
      }
    }
  }

  template <class Accumulator>
  void write_outputs(std::uint32_t batch, const LaneAccumulators<Accumulator>& lanes) {
    for (std::uint32_t row = 0; row < batch_rows(batch); ++row) {
      for (std::size_t v = 0; v < count_; ++v) {
        results_[v].outputs[batch * per_batch_ + row] = output(lanes.sum(row, v));
      }
    }
  }

  const ValueInputs& inputs_;
  ValueArithmetic arithmetic_;
  const std::vector<std::int32_t>* vectors_;
  std::size_t count_;
  RunResult* results_;
  std::uint32_t per_batch_;
  std::vector<std::int32_t> activations_;
};

}  // namespace

void compute_values(const ValueInputs& inputs, const std::vector<std::int32_t>* vectors, std::size_t count,
                    RunResult* results) {
  if (inputs.entries.largest_code() >= inputs.layer.codebook.size()) {
    throw InputDataError({},
                         fmt::format("the image has an entry with code {}", inputs.entries.largest_code()),
                         fmt::format("the codebook has {} shared weights", inputs.layer.codebook.size()));
  }
  for (std::size_t first = 0; first < count; first += value_lanes) {
    ValueGroup(inputs, vectors + first, std::min(value_lanes, count - first), results + first).compute();
  }
}

}  // namespace lacuna::eie

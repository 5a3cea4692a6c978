#include "sim/data/trace/partial_sums.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "models/common/vector_clones.h"
#include "models/sparse/layer.h"
#include "sim/data/trace/column_reader.h"

namespace lacuna {
namespace {

/// Which rows of a matrix have sums, and where these lie: all of them, or, where a matrix that is held has
/// more rows than nonzeros, those with nonzeros alone. So a few bytes that claim billions of rows do not take
/// memory for them.
class SummedRows {
 public:
  explicit SummedRows(const sparse::CodedMatrix& matrix);

  /// Sums of a vector.
  std::uint64_t count() const { return count_; }
  /// The column with each row's place among the sums. Valid until the next call.
  CodedColumn placed(const CodedColumn& column);

 private:
  std::uint64_t count_;
  bool all_ = true;
  std::vector<std::uint32_t> rows_;  ///< ascending, if not all
  std::vector<std::uint32_t> places_;
};

SummedRows::SummedRows(const sparse::CodedMatrix& matrix) : count_(matrix.rows) {
  const bool held = matrix.column_starts.size() == std::size_t{matrix.columns} + 1;
  if (!held || matrix.nonzeros() >= matrix.rows) {
    return;
  }
  all_ = false;
  rows_ = matrix.row_indices;
  std::sort(rows_.begin(), rows_.end());
  rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
  count_ = rows_.size();
}

CodedColumn SummedRows::placed(const CodedColumn& column) {
  if (all_) {
    return column;
  }
  places_.clear();
  for (std::size_t e = 0; e < column.size; ++e) {
    const auto row = std::lower_bound(rows_.begin(), rows_.end(), column.rows[e]);
    places_.push_back(static_cast<std::uint32_t>(row - rows_.begin()));
  }
  return {places_.data(), column.codes, column.size};
}

/// Adds one product to the sums of `lanes` vectors.
template <std::size_t lanes>
LACUNA_INLINE void add_product(double weight, const double* activations, double* sums, double* most) {
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    sums[lane] += activations[lane] * weight;
    const double magnitude = std::fabs(sums[lane]);
    most[lane] = most[lane] > magnitude ? most[lane] : magnitude;
  }
}

/// Adds one column's products to the sums of `lanes` vectors, which lie side by side for each row. A single
/// vector has several maxima, in turn: one need not wait for the one before.
template <std::size_t lanes>
LACUNA_VECTOR_CLONES void add_products(const CodedColumn& column, const double* weights,
                                       const double* activations, double* sums, double* largest) {
  constexpr std::size_t ways = lanes == 1 ? 4 : 1;
  double most[ways * lanes];
  for (std::size_t way = 0; way < ways; ++way) {
    std::copy(largest, largest + lanes, most + way * lanes);
  }
  std::size_t e = 0;
  for (; e + ways <= column.size; e += ways) {
    for (std::size_t way = 0; way < ways; ++way) {
      add_product<lanes>(weights[column.codes[e + way]], activations,
                         sums + std::size_t{column.rows[e + way]} * lanes, most + way * lanes);
    }
  }
  for (; e < column.size; ++e) {
    add_product<lanes>(weights[column.codes[e]], activations, sums + std::size_t{column.rows[e]} * lanes,
                       most);
  }
  for (std::size_t i = 0; i < ways * lanes; ++i) {
    largest[i % lanes] = std::max(largest[i % lanes], most[i]);
  }
}

std::size_t vector_count(const Trace& trace, const Addends& addends) {
  return addends.activations != nullptr ? addends.activations->size() : trace.activations.vectors;
}

/// The sums of some vectors of a trace, `lanes` of them in each group.
template <std::size_t lanes>
class SumGroups {
 public:
  SumGroups(const Trace& trace, const Addends& addends, ColumnReader& columns, SummedRows& rows)
      : trace_(trace), addends_(addends), columns_(columns), rows_(rows), weights_(addends.weights) {
    if (weights_.empty()) {
      weights_.assign(trace.codebook.begin(), trace.codebook.end());
    }
  }

  double largest(std::size_t groups_at_once) {
    const std::size_t vectors = vector_count(trace_, addends_);
    const std::size_t step = groups_at_once * lanes;
    for (std::size_t first = 0; first < vectors; first += step) {
      pass(first, std::min(vectors, first + step));
    }
    return *std::max_element(largest_.begin(), largest_.end());
  }

 private:
  void pass(std::size_t first, std::size_t end) {
    const std::size_t groups = (end - first + lanes - 1) / lanes;
    const std::size_t group_size = static_cast<std::size_t>(rows_.count()) * lanes;
    sums_.assign(groups * group_size, 0.0);
    for (std::uint32_t column = 0; column < trace_.matrix.columns; ++column) {
      CodedColumn read;
      bool was_read = false;
      for (std::size_t group = 0; group < groups; ++group) {
        const std::size_t begin = first + group * lanes;
        if (!load_activations(column, begin, std::min(end, begin + lanes))) {
          continue;
        }
        if (!was_read) {
          read = rows_.placed(columns_.read(column));
          was_read = true;
        }
        add_products<lanes>(read, weights_.data(), activations_.data(), sums_.data() + group * group_size,
                            largest_.data());
      }
    }
  }

  /// False when all are zero: adding them would change nothing.
  bool load_activations(std::uint32_t column, std::size_t begin, std::size_t end) {
    activations_.fill(0.0);
    bool any = false;
    const bool bias = column >= trace_.inputs();
    for (std::size_t vector = begin; vector < end; ++vector) {
      const double value = bias ? addends_.bias_activation : activation(vector, column);
      activations_[vector - begin] = value;
      any = any || value != 0.0;
    }
    return any;
  }

  double activation(std::size_t vector, std::uint32_t column) const {
    const double value =
        addends_.activations != nullptr
            ? to_real((*addends_.activations)[vector][column], addends_.format)
            : static_cast<double>(trace_.activations.values[vector * trace_.inputs() + column]);
    return addends_.positive_only && value < 0.0 ? 0.0 : value;
  }

  const Trace& trace_;
  const Addends& addends_;
  ColumnReader& columns_;
  SummedRows& rows_;
  std::vector<double> weights_;
  std::array<double, lanes> activations_{};
  std::array<double, lanes> largest_{};
  std::vector<double> sums_;
};

template <std::size_t lanes>
double largest_with(const Trace& trace, const Addends& addends, ColumnReader& columns, SummedRows& rows,
                    std::optional<std::uint64_t> most_bytes) {
  const std::uint64_t group_bytes = std::max<std::uint64_t>(1, rows.count() * lanes * sizeof(double));
  const std::uint64_t groups = most_bytes ? std::max<std::uint64_t>(1, *most_bytes / group_bytes) : 1;
  return SumGroups<lanes>(trace, addends, columns, rows)
      .largest(static_cast<std::size_t>(std::min<std::uint64_t>(groups, vector_count(trace, addends))));
}

}  // namespace

double largest_partial_sum(const Trace& trace, ColumnReader& columns, std::optional<std::uint64_t> most_bytes,
                           const Addends& addends) {
  SummedRows rows(trace.matrix);
  const std::uint64_t bytes = rows.count() * sizeof(double);
  if (most_bytes && bytes > *most_bytes) {
    throw CapacityError(
        {"", 0, "layer " + trace.name + ": formats"},
        "partial sums of " + std::to_string(rows.count()) + " rows need " + std::to_string(bytes) + " bytes",
        "at most " + std::to_string(*most_bytes) +
            "; or give accumulator_integer_bits and output_integer_bits");
  }
  const auto fits = [&](std::uint64_t lanes) { return !most_bytes || bytes <= *most_bytes / lanes; };
  if (vector_count(trace, addends) > 4 && fits(16)) {
    return largest_with<16>(trace, addends, columns, rows, most_bytes);
  }
  if (vector_count(trace, addends) > 1 && fits(4)) {
    return largest_with<4>(trace, addends, columns, rows, most_bytes);
  }
  return largest_with<1>(trace, addends, columns, rows, most_bytes);
}

}  // namespace lacuna

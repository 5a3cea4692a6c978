#include "models/tomato/timeline/values.h"

#include <algorithm>
#include <limits>

#include "models/common/vector_clones.h"
#include "models/tomato/timeline/frame_run.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato::timeline {
namespace {

/// Four rows side by side share the loads of the operand, and add up their vectors while the others do: rows
/// are short.
LACUNA_VECTOR_CLONES void short_dots(const std::int16_t* weights, const std::int16_t* operand,
                                     std::size_t length, std::size_t rows, std::int64_t* sums) {
  std::size_t row = 0;
  for (; row + 4 <= rows; row += 4, weights += 4 * length) {
    std::int32_t a = 0, b = 0, c = 0, d = 0;
    for (std::size_t i = 0; i < length; ++i) {
      const auto value = static_cast<std::int32_t>(operand[i]);
      a += static_cast<std::int32_t>(weights[i]) * value;
      b += static_cast<std::int32_t>(weights[i + length]) * value;
      c += static_cast<std::int32_t>(weights[i + 2 * length]) * value;
      d += static_cast<std::int32_t>(weights[i + 3 * length]) * value;
    }
    sums[row] = a;
    sums[row + 1] = b;
    sums[row + 2] = c;
    sums[row + 3] = d;
  }
  for (; row < rows; ++row, weights += length) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
      sum += static_cast<std::int32_t>(weights[i]) * static_cast<std::int32_t>(operand[i]);
    }
    sums[row] = sum;
  }
}

LACUNA_VECTOR_CLONES void narrow_dots(const std::int32_t* weights, const std::int32_t* operand,
                                      std::size_t length, std::size_t rows, std::int64_t* sums) {
  for (std::size_t row = 0; row < rows; ++row, weights += length) {
    // Unsigned: the partial sums fit, and the compiler may order them as it likes.
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
      sum += static_cast<std::uint32_t>(weights[i]) * static_cast<std::uint32_t>(operand[i]);
    }
    sums[row] = static_cast<std::int32_t>(sum);
  }
}

LACUNA_VECTOR_CLONES void wide_dots(const std::int32_t* weights, const std::int32_t* operand,
                                    std::size_t length, std::size_t rows, std::int64_t* sums) {
  for (std::size_t row = 0; row < rows; ++row, weights += length) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
      sum += std::int64_t{weights[i]} * operand[i];
    }
    sums[row] = sum;
  }
}

bool fits_16_bits(std::int64_t low, std::int64_t high) {
  return low >= std::numeric_limits<std::int16_t>::min() && high <= std::numeric_limits<std::int16_t>::max();
}

}  // namespace

WeightRows::WeightRows(const std::vector<std::int32_t>& mantissas, std::size_t outputs, Widths widths)
    : length_(mantissas.size() / outputs), narrow_(widths.narrow_sums) {
  short_ = widths.narrow_sums && widths.short_operands &&
           std::all_of(mantissas.begin(), mantissas.end(),
                       [](std::int32_t weight) { return fits_16_bits(weight, weight); });
  // A stored position costs about as much as so many dense products.
  const std::size_t worth_it = short_ ? 12 : 4;
  const auto nonzeros =
      mantissas.size() - static_cast<std::size_t>(std::count(mantissas.begin(), mantissas.end(), 0));
  sparse_ = nonzeros * worth_it < mantissas.size();
  if (!sparse_) {
    if (short_) {
      short_dense_.assign(mantissas.begin(), mantissas.end());
    } else {
      dense_ = mantissas;
    }
    return;
  }
  for (std::size_t i = 0; i < mantissas.size(); ++i) {
    if (i % length_ == 0) {
      starts_.push_back(entries_.size());
    }
    if (mantissas[i] != 0) {
      entries_.push_back({static_cast<std::uint32_t>(i % length_), mantissas[i]});
    }
  }
  starts_.push_back(entries_.size());
}

void WeightRows::dense_dots(std::size_t first, std::size_t count, const std::int16_t* operand,
                            std::int64_t* sums) const {
  short_dots(short_dense_.data() + first * length_, operand, length_, count, sums);
}

void WeightRows::dense_dots(std::size_t first, std::size_t count, const std::int32_t* operand,
                            std::int64_t* sums) const {
  const std::int32_t* const weights = dense_.data() + first * length_;
  narrow_ ? narrow_dots(weights, operand, length_, count, sums)
          : wide_dots(weights, operand, length_, count, sums);
}

template <class Operand>
void WeightRows::dots(std::size_t first, std::size_t count, const Operand* operand,
                      std::int64_t* sums) const {
  if (!sparse_) {
    dense_dots(first, count, operand, sums);
    return;
  }
  for (std::size_t row = 0; row < count; ++row) {
    std::int64_t sum = 0;
    for (std::size_t i = starts_[first + row]; i < starts_[first + row + 1]; ++i) {
      sum += std::int64_t{entries_[i].weight} * operand[entries_[i].position];
    }
    sums[row] = sum;
  }
}

template void WeightRows::dots(std::size_t, std::size_t, const std::int16_t*, std::int64_t*) const;
template void WeightRows::dots(std::size_t, std::size_t, const std::int32_t*, std::int64_t*) const;

namespace {

/// A closed input channel is a zero, so 0 is among the operands.
WeightRows::Widths widths_of(const Stream& input, const Stream& output) {
  return {fits_16_bits(input.min_mantissa, input.max_mantissa), output.width_bits <= 32};
}

}  // namespace

ValueModel::ValueModel(const Pipeline& pipeline, const Analysis& analysis)
    : pipeline_(pipeline), analysis_(analysis), rows_(pipeline.units.size()) {
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    const Unit& u = pipeline.units[unit];
    if (traits(u.kind).joins_channels) {
      const UnitPlan& plan = analysis.units[unit];
      rows_[unit] = WeightRows(
          u.weights.mantissas, u.output_channels,
          widths_of(analysis.streams[plan.inputs.front()], analysis.streams[plan.outputs.front()]));
    }
  }
}

FrameOutcome ValueModel::run(const std::vector<std::int32_t>& pixels,
                             const std::vector<std::size_t>& recorded_edges) const {
  return FrameRun(pipeline_, analysis_, rows_, pixels).run(recorded_edges);
}

}  // namespace lacuna::tomato::timeline

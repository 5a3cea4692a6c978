#include "models/tomato/timeline/weight_rows.h"

#include <algorithm>

#include "models/common/vector_clones.h"

namespace lacuna::tomato::timeline {
namespace {

LACUNA_VECTOR_CLONES std::int32_t narrow_dot(const std::int32_t* weights, const std::int32_t* operand,
                                             std::size_t length) {
  // Unsigned: the partial sums fit, and the compiler may order them as it likes.
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) {
    sum += static_cast<std::uint32_t>(weights[i]) * static_cast<std::uint32_t>(operand[i]);
  }
  return static_cast<std::int32_t>(sum);
}

LACUNA_VECTOR_CLONES std::int64_t wide_dot(const std::int32_t* weights, const std::int32_t* operand,
                                           std::size_t length) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) {
    sum += std::int64_t{weights[i]} * operand[i];
  }
  return sum;
}

}  // namespace

WeightRows::WeightRows(const std::vector<std::int32_t>& mantissas, std::size_t outputs, bool narrow)
    : length_(mantissas.size() / outputs), narrow_(narrow) {
  constexpr std::size_t worth_it = 4;  // a stored position costs about as much as so many dense products
  const auto nonzeros =
      mantissas.size() - static_cast<std::size_t>(std::count(mantissas.begin(), mantissas.end(), 0));
  sparse_ = nonzeros * worth_it < mantissas.size();
  if (!sparse_) {
    dense_ = mantissas;
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

std::int64_t WeightRows::dot(std::size_t output, const std::int32_t* operand) const {
  if (!sparse_) {
    const std::int32_t* weights = dense_.data() + output * length_;
    return narrow_ ? narrow_dot(weights, operand, length_) : wide_dot(weights, operand, length_);
  }
  std::int64_t sum = 0;
  for (std::size_t i = starts_[output]; i < starts_[output + 1]; ++i) {
    sum += std::int64_t{entries_[i].weight} * operand[entries_[i].position];
  }
  return sum;
}

}  // namespace lacuna::tomato::timeline

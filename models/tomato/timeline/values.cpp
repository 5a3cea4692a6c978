#include "models/tomato/timeline/values.h"

#include <algorithm>

#include "models/common/vector_clones.h"
#include "models/tomato/timeline/frame_run.h"
#include "models/tomato/unit_traits.h"

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

namespace {

/// Whether no sum of any subset of a unit's products leaves 32 bits.
bool is_narrow(const Stream& output) {
  return output.width_bits <= 32;
}

}  // namespace

ValueModel::ValueModel(const Pipeline& pipeline, const Analysis& analysis)
    : pipeline_(pipeline), analysis_(analysis), rows_(pipeline.units.size()) {
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    const Unit& u = pipeline.units[unit];
    if (traits(u.kind).joins_channels) {
      const Stream& output = analysis.streams[analysis.units[unit].outputs.front()];
      rows_[unit] = WeightRows(u.weights.mantissas, u.output_channels, is_narrow(output));
    }
  }
}

FrameOutcome ValueModel::run(const std::vector<std::int32_t>& pixels,
                             const std::vector<std::size_t>& recorded_edges) const {
  return FrameRun(pipeline_, analysis_, rows_, pixels).run(recorded_edges);
}

}  // namespace lacuna::tomato::timeline

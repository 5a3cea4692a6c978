#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/tomato/timeline/values.h"

namespace lacuna::tomato::timeline {

/// One frame through the units, in their order. Keeps references.
class FrameRun {
 public:
  FrameRun(const Pipeline& pipeline, const Analysis& analysis, const std::vector<WeightRows>& rows,
           const std::vector<std::int32_t>& pixels);

  /// `recorded_edges` are streams of pixels.
  FrameOutcome run(const std::vector<std::size_t>& recorded_edges);

 private:
  using Values = std::vector<std::int64_t>;

  const FrameValues& input(std::size_t unit, std::size_t number = 0) const {
    return streams_[analysis_.units[unit].inputs[number]];
  }
  const Stream& output_stream(std::size_t unit) const {
    return analysis_.streams[analysis_.units[unit].outputs.front()];
  }
  void put(std::size_t unit, const FrameValues& values);
  void put(std::size_t unit, Values values);
  void run_unit(std::size_t unit);

  void slide(std::size_t unit);
  /// Weighted sums of all kinds, with operands as wide as the unit's rows take them.
  void weigh(std::size_t unit);
  template <class Operand>
  void weigh_with(std::size_t unit);
  /// The values of a stream as operands; closed channels of the input gate are zero.
  template <class Operand>
  std::vector<Operand> operands(std::size_t unit) const;
  /// All outputs of one operand vector, [group][tap][channel of the group].
  template <class Operand>
  void dot_all(std::size_t unit, const OpenChannels* gate, const Operand* operand,
               std::int64_t* outputs) const;
  template <class Operand>
  void convolve(std::size_t unit);
  void convolve_channels(std::size_t unit);
  template <class Operand>
  void join_pixels(std::size_t unit);
  template <class Operand>
  void join_frame(std::size_t unit);

  /// One value of each window, put together by `join(so_far, next)`.
  template <class Join>
  void pool(std::size_t unit, Join join, std::int64_t start);
  void pool_largest(std::size_t unit);
  void pool_sum(std::size_t unit);
  void sum_frame(std::size_t unit);
  void add(std::size_t unit);
  int stream_exponent(std::size_t unit, std::size_t number) const;
  void concat(std::size_t unit);
  void requantise_all(std::size_t unit);
  void choose(std::size_t unit);
  void boost(std::size_t unit);
  void select(std::size_t unit);

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  const std::vector<WeightRows>& rows_;
  const std::vector<std::int32_t>& pixels_;
  std::vector<FrameValues> streams_;
  FrameOutcome outcome_;
};

}  // namespace lacuna::tomato::timeline

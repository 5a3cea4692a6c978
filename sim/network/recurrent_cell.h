#pragma once

#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// What an LSTM or GRU cell keeps from step to step, and the part of a step that no product of weights is.
/// Sources: Hochreiter and Schmidhuber 1997 with forget gates; Cho et al. 2014; formulas and variants as the
/// ONNX standard has them (LSTM, GRU).
///
/// A step takes 4 * outputs sums, each of the inputs, the state and the biases. lstm: input, forget, cell,
/// output. gru: update, reset, the candidate's sums of the inputs, and apart from them those of the state.
class RecurrentCell {
 public:
  /// With the layer's initial state, or zeros.
  explicit RecurrentCell(const NetworkLayer& layer);

  /// The last output, [outputs].
  const std::vector<double>& state() const { return state_; }

  /// gru: what the candidate's weights of the state are multiplied with: the state (reset_after), or the
  /// state times the reset gate, which is known from the sums of update and reset.
  std::vector<double> candidate_state(const std::vector<double>& sums) const;

  /// lstm: c = f * c + i * g, h = o * tanh(c). gru: h = (1 - z) * n + z * h with n = tanh(inputs + state), or
  /// tanh(inputs + r * state) for reset_after.
  void step(const std::vector<double>& sums);

 private:
  void step_lstm(const std::vector<double>& sums);
  void step_gru(const std::vector<double>& sums);

  LayerKind kind_;
  bool reset_after_;
  std::vector<double> state_;
  std::vector<double> content_;  ///< lstm
};

/// Which of the four sums of a step the weights of the state of `gate` add to; those of the inputs add to the
/// gate's own.
std::size_t sum_of_state(LayerKind kind, std::size_t gate);

}  // namespace lacuna

#include "sim/network/recurrent_cell.h"

#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// [outputs] of the layer's initial values; zeros where it has none.
std::vector<double> initial(const std::vector<float>& values, std::size_t outputs) {
  return values.empty() ? std::vector<double>(outputs, 0.0)
                        : std::vector<double>(values.begin(), values.end());
}

}  // namespace

RecurrentCell::RecurrentCell(const NetworkLayer& layer)
    : kind_(layer.kind),
      reset_after_(layer.reset_after),
      state_(initial(layer.weights->state, layer.outputs())),
      content_(initial(layer.weights->cell, layer.outputs())) {}

std::vector<double> RecurrentCell::candidate_state(const std::vector<double>& sums) const {
  std::vector<double> taken = state_;
  for (std::size_t i = 0; i < taken.size() && !reset_after_; ++i) {
    taken[i] *= portable_sigmoid(sums[taken.size() + i]);
  }
  return taken;
}

void RecurrentCell::step(const std::vector<double>& sums) {
  kind_ == LayerKind::lstm ? step_lstm(sums) : step_gru(sums);
}

void RecurrentCell::step_lstm(const std::vector<double>& sums) {
  const std::size_t size = state_.size();
  for (std::size_t i = 0; i < size; ++i) {
    content_[i] = portable_sigmoid(sums[size + i]) * content_[i] +
                  portable_sigmoid(sums[i]) * portable_tanh(sums[2 * size + i]);
    state_[i] = portable_sigmoid(sums[3 * size + i]) * portable_tanh(content_[i]);
  }
}

void RecurrentCell::step_gru(const std::vector<double>& sums) {
  const std::size_t size = state_.size();
  for (std::size_t i = 0; i < size; ++i) {
    const double update = portable_sigmoid(sums[i]);
    const double reset = reset_after_ ? portable_sigmoid(sums[size + i]) : 1.0;
    const double candidate = portable_tanh(sums[2 * size + i] + reset * sums[3 * size + i]);
    state_[i] = (1.0 - update) * candidate + update * state_[i];
  }
}

std::size_t sum_of_state(LayerKind kind, std::size_t gate) {
  return kind == LayerKind::gru && gate == 2 ? 3 : gate;
}

}  // namespace lacuna

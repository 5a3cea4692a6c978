#pragma once

#include <vector>

#include "sim/eie/network/lowered_layer.h"

namespace lacuna {

/// An LSTM cell as eight products per time step: of the inputs (with the bias) and of the state with each
/// gate's weights, in the order input, forget, cell, output. The host adds the two, applies the functions and
/// keeps the cell's content in floating point (sim/network/reference.h).
struct LoweredLstm {
  std::vector<Product> products;  ///< 0..3 of the inputs, 4..7 of the state
  std::string sharing;
  double sharing_largest_error = 0.0;
};

LoweredLstm lower_lstm(const NetworkLayer& layer, const TensorShape& input,
                       std::uint32_t codebook_index_bits);

/// What the host computes for one sequence.
HostWork lstm_work(const NetworkLayer& layer);

/// One step of the host's part. `sums` are the gates' pre-activations; `cell` is updated, the new state
/// returned.
std::vector<double> lstm_step(const std::vector<double>& sums, std::vector<double>& cell);

}  // namespace lacuna

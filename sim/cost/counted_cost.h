#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/cost/cost_model.h"

namespace lacuna {

/// Widths that counted costs take.
struct CountedBits {
  std::optional<std::uint32_t>
      weight;  ///< empty: as many as a layer's distinct values need, up to 8, else 32
  std::uint32_t activation = 16;
  std::uint32_t index = 4;
};

/// What is counted without any machine:
/// - weights: those that are not zero, biases not among them.
/// - multiply_accumulates: of such a weight with an input that is not zero (Han et al., NIPS 2015, count so),
///   padding being zero; the mean over the calibration inputs.
/// - bit_operations: multiply-accumulates of such weights whatever their inputs, times bits of weight and
///   activation.
/// - size_bits: of each layer the smaller of two forms: all weights; or those that are not zero, with the
///   distance to the one before in the order of the file, zeros being stored where distances do not reach
///   (Han et al., ICLR 2016, figure 2). Biases have 32 bits; so have the 2^bits - 1 shared values of a layer
///   with at most 8 bits of weight.
/// Aggregations over a graph multiply each entry of the adjacency matrix with each channel; the matrix is
/// data, and only weights of attention count as weights and size. Convolutions, fully connected layers and
/// aggregations; ConfigurationError for LSTM cells.
class CountedCost : public CostModel {
 public:
  explicit CountedCost(const CountedBits& bits) : bits_(bits) {}

  using CostModel::measure;
  NetworkCost measure(const Network& network, const std::vector<Tensor>& calibration,
                      const std::vector<LayerArithmetic>& arithmetic) const override;

 private:
  CountedBits bits_;
};

}  // namespace lacuna

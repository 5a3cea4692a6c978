#pragma once

#include <cstddef>
#include <vector>

#include "models/common/portable_exp.h"
#include "sim/network/network.h"

namespace lacuna {

/// Sigmoid and hyperbolic tangent, the same bits on every machine. Relative error below 1e-14.
double portable_sigmoid(double x);
double portable_tanh(double x);

/// Natural logarithm of a positive finite number, likewise.
double portable_log(double x);

/// What an elementwise layer computes of one element.
double element_value(const ElementParameters& element, double x);

/// Softmax of a vector of finite numbers.
std::vector<float> softmax(const std::vector<float>& values);

/// The nonzero weights of a convolution or fully connected layer, row by row, each with its place in the
/// window: made once, used for every image.
struct SparseRows {
  struct Weight {
    std::uint32_t y = 0;
    std::uint32_t x = 0;
    std::uint32_t channel = 0;  ///< of the input
    double value = 0.0;
  };
  std::vector<std::size_t> starts = {0};
  std::vector<Weight> weights;
};

SparseRows sparse_rows(const NetworkLayer& layer, const TensorShape& input);

/// The network in floating point, plainly: sums in double precision, in the order kernel row, kernel column,
/// channel, then the bias, rounded to single precision after each layer. The same bits on every machine.
class Reference {
 public:
  /// Keeps a reference to `network`, whose weights must be loaded. Threads share large layers.
  explicit Reference(const Network& network, std::size_t threads = 1);

  /// The output of every layer for one input. Throws InputDataError when the input has another shape.
  /// `before_gates`, if given, gets for each layer with gates its output before they are applied, else an
  /// empty tensor.
  std::vector<Tensor> run(const Tensor& input, std::vector<Tensor>* before_gates = nullptr) const;
  /// The same where the outputs of the first layers, of the input at least, are known.
  std::vector<Tensor> run_behind(std::vector<Tensor> first) const;

 private:
  double products(std::size_t position) const;
  void check_input(const Tensor& input) const;
  Tensor layer_output(std::size_t position, const std::vector<Tensor>& outputs) const;
  std::vector<Tensor> run_behind(std::vector<Tensor> outputs, std::vector<Tensor>* before_gates) const;

  const Network& network_;
  std::size_t threads_;
  std::vector<SparseRows> rows_;
};

/// The layers without weights, shared with the machines' hosts.
/// `inputs` in the order of layer.inputs.
Tensor weightless_output(const NetworkLayer& layer, const std::vector<const Tensor*>& inputs);

/// Applies relu or relu6 in place.
void apply(Activation activation, std::vector<float>& values);

/// One sequence through an LSTM or GRU cell (recurrent_cell.h), gates in the order of LayerWeights; state and
/// outputs are rounded to float32 from step to step. `candidate_states`, of the output's shape, receives what
/// a GRU's weights of the candidate are multiplied with in each step.
Tensor recurrent_output(const NetworkLayer& layer, const Tensor& input, Tensor* candidate_states = nullptr);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/eie/run/layer_report.h"
#include "sim/network/network.h"
#include "sim/network/network_workload.h"

namespace lacuna {

/// Weights as indices into a codebook that the machine can hold.
struct SharedLayer {
  std::vector<float> codebook;           ///< element 0 is 0
  std::vector<std::uint8_t> codes;       ///< one for each weight; 0 exactly where it is 0
  std::vector<std::uint8_t> bias_codes;  ///< one for each bias; empty when biases are not shared
  std::string method;                    ///< "as found", "joined" or "k-means"
  double mean_squared_error = 0.0;       ///< of the weights that are not zero
  double largest_error = 0.0;            ///< of a weight or bias

  /// Real value of a weight.
  float value(std::size_t i) const { return codebook[codes[i]]; }
};

/// Shares `weights` (and `biases`, if any) in at most 2^`index_bits` values, zero included. Weights that come
/// with a codebook keep it where it suffices; where it does not, neighbouring values are joined
/// (join_codebook). Others are shared by k-means with linear initialisation (share_weights_and_biases).
SharedLayer share_layer(const std::vector<float>& weights, const std::vector<float>& codebook,
                        const std::vector<float>& biases, std::uint32_t index_bits);

/// One nonzero of a matrix.
struct CodedEntry {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::uint8_t code = 0;
};

/// Compressed sparse columns of entries that are sorted by rows. Code 0 is left out.
eie::CodedMatrix coded_matrix(std::uint32_t rows, std::uint32_t columns,
                              const std::vector<CodedEntry>& entries);

using RawTensor = TensorOf<std::int32_t>;

/// One matrix of a layer, run for many vectors.
struct Product {
  eie::Layer layer;             ///< matrix at first; codebook and formats once they are known
  std::vector<float> codebook;  ///< real values
  eie::MemoryImage image;       ///< once the layer is complete

  std::uint32_t inputs() const { return layer.inputs(); }
  std::uint32_t outputs() const { return layer.outputs(); }
};

/// A layer as products of one tensor with matrices (docs/networks.md): which vectors the host gathers for the
/// machine, and what it makes of the results. Sums are linear in the products' outputs, so these may arrive
/// in any order.
class LoweredLayer {
 public:
  LoweredLayer(const NetworkLayer& layer, const TensorShape& input);
  LoweredLayer(const LoweredLayer&) = delete;
  LoweredLayer& operator=(const LoweredLayer&) = delete;
  virtual ~LoweredLayer() = default;

  /// "matrix", "im2col", "kernel_offsets", "winograd" or "adjacency".
  virtual const char* name() const = 0;
  /// Vectors that a product runs for one image.
  virtual std::size_t vectors(std::size_t product) const = 0;
  /// The elements of a vector, raw in the input's format; winograd sums four values for each, so they
  /// may exceed its width.
  virtual void gather(std::size_t product, std::size_t vector, const RawTensor& input,
                      std::vector<std::int64_t>& elements) const = 0;
  /// Adds a vector's results to the sums of the output tensor. Vectors of one product touch different sums.
  virtual void add(std::size_t product, std::size_t vector, const std::vector<std::int32_t>& outputs,
                   std::vector<std::int64_t>& sums) const = 0;
  /// Host operations of `gather` and `add` for one image.
  virtual HostWork work() const { return {}; }
  /// True when the machine's outputs are the layer's: one product, bias and ReLU in the machine.
  virtual bool complete() const { return false; }

  /// True when the matrices follow from the input: attention by features. Their entries stand at the same
  /// places for every input.
  virtual bool depends_on_input() const { return false; }
  /// Where they do: makes the products from a first input, raw in `format`.
  virtual void calibrate(const RawTensor& /*input*/, const FixedFormat& /*format*/) {}
  /// Likewise: a product with the matrix that belongs to an input, but not the memory image.
  virtual Product made_for(std::size_t product, const RawTensor& /*input*/,
                           const FixedFormat& /*format*/) const {
    return products[product];
  }

  const NetworkLayer& layer() const { return layer_; }
  const TensorShape& input() const { return input_; }

  std::vector<Product> products;
  std::vector<float> host_biases;  ///< biases that the host adds; empty when the machine does
  std::string sharing;             ///< how weights became codes
  double sharing_largest_error = 0.0;

 protected:
  NetworkLayer layer_;
  TensorShape input_;
};

/// What lowering needs to know of the machine.
struct LoweringOptions {
  ConvolutionLowering convolution = ConvolutionLowering::im2col;
  std::uint32_t codebook_index_bits = 4;
  bool leave_out_unused_inputs = false;  ///< of vectors that the host makes
};

/// Lowers a convolution, fully connected layer or aggregation with loaded weights. 1x1 kernels and fully
/// connected layers are one matrix whatever the options say. Throws ConfigurationError for winograd on
/// anything but 3x3 kernels of stride 1.
std::unique_ptr<LoweredLayer> lower_layer(const NetworkLayer& layer, const TensorShape& input,
                                          const LoweringOptions& options);

/// True for layers that `lower_layer` takes: with weights but not recurrent, and aggregations that are sums
/// or means.
bool is_lowered(const NetworkLayer& layer);

/// True for 3x3 kernels of stride 1 in one group.
bool winograd_applies(const NetworkLayer& layer);

/// An LSTM or GRU cell as two products per gate and time step: of the inputs (with the bias) and of the state
/// with each gate's weights, gates in the order of LayerWeights. The host adds the two, applies the functions
/// and keeps an LSTM's content and a GRU's state in floating point (sim/network/recurrent_cell.h). The last
/// product, of a GRU's candidate, runs when the reset gate is known.
struct LoweredCell {
  std::vector<Product> products;  ///< those of the inputs, then as many of the state
  std::string sharing;
  double sharing_largest_error = 0.0;

  bool is_of_state(std::size_t product) const { return product >= products.size() / 2; }
  std::size_t gate_of(std::size_t product) const { return product % (products.size() / 2); }
};

LoweredCell lower_cell(const NetworkLayer& layer, std::uint32_t codebook_index_bits);

/// What the host computes for one sequence.
HostWork cell_work(const NetworkLayer& layer);

}  // namespace lacuna

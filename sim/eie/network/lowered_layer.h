#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/eie/network/shared_layer.h"
#include "sim/eie/run/host_work.h"
#include "sim/network/network.h"
#include "sim/network/network_workload.h"

namespace lacuna {

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

  /// "matrix", "im2col", "kernel_offsets" or "winograd".
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
};

/// Lowers a convolution or fully connected layer with loaded weights. 1x1 kernels and fully connected layers
/// are one matrix whatever the options say. Throws ConfigurationError for winograd on anything but 3x3
/// kernels of stride 1.
std::unique_ptr<LoweredLayer> lower_layer(const NetworkLayer& layer, const TensorShape& input,
                                          const LoweringOptions& options);

/// True for 3x3 kernels of stride 1 in one group.
bool winograd_applies(const NetworkLayer& layer);

}  // namespace lacuna

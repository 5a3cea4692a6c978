#include <algorithm>

#include "sim/eie/network/coded_entries.h"
#include "sim/eie/network/lowerings.h"

namespace lacuna {
namespace {

class Windows : public LoweredLayer {
 public:
  Windows(const NetworkLayer& layer, const TensorShape& input, const LoweringOptions& options)
      : LoweredLayer(layer, input) {
    const LayerWeights& weights = *layer.weights;
    const SharedLayer shared =
        share_layer(weights.values, weights.codebook, weights.bias, options.codebook_index_bits);
    Product product;
    product.codebook = shared.codebook;
    product.layer.name = layer.name;
    product.layer.has_bias = !weights.bias.empty();
    product.layer.relu = layer.activation != Activation::none;
    product.layer.matrix = matrix_of(shared);
    products.push_back(std::move(product));
    sharing = shared.method;
    sharing_largest_error = shared.largest_error;
  }

  const char* name() const override { return kernel_size() > 1 ? "im2col" : "matrix"; }
  bool complete() const override { return true; }
  std::size_t vectors(std::size_t /*product*/) const override { return layer_.shape.pixels(); }

  void gather(std::size_t /*product*/, std::size_t vector, const RawTensor& input,
              std::vector<std::int64_t>& elements) const override {
    const Window& w = layer_.window;
    const std::size_t first_y = vector / layer_.shape.width * w.stride;
    const std::size_t first_x = vector % layer_.shape.width * w.stride;
    elements.assign(kernel_size() * input_.channels, 0);
    auto next = elements.begin();
    for (std::size_t y = first_y; y < first_y + w.height; ++y) {
      for (std::size_t x = first_x; x < first_x + w.width; ++x, next += input_.channels) {
        const bool inside =
            y >= w.top && y - w.top < input_.height && x >= w.left && x - w.left < input_.width;
        if (inside) {
          const std::int32_t* pixel = &input.at(y - w.top, x - w.left, 0);
          std::copy(pixel, pixel + input_.channels, next);
        }
      }
    }
  }

  void add(std::size_t /*product*/, std::size_t vector, const std::vector<std::int32_t>& outputs,
           std::vector<std::int64_t>& sums) const override {
    std::copy(outputs.begin(), outputs.end(),
              sums.begin() + static_cast<std::ptrdiff_t>(vector * outputs.size()));
  }

 private:
  std::size_t kernel_size() const { return std::size_t{layer_.window.height} * layer_.window.width; }

  eie::CodedMatrix matrix_of(const SharedLayer& shared) const {
    const std::uint32_t group_inputs = input_.channels / layer_.groups;
    const std::uint32_t group_outputs = layer_.outputs() / layer_.groups;
    const auto inputs = static_cast<std::uint32_t>(kernel_size() * input_.channels);
    std::vector<CodedEntry> entries;
    auto code = shared.codes.begin();
    for (std::uint32_t row = 0; row < layer_.outputs(); ++row) {
      const std::uint32_t first = row / group_outputs * group_inputs;
      for (std::uint32_t place = 0; place < kernel_size(); ++place) {
        for (std::uint32_t i = 0; i < group_inputs; ++i, ++code) {
          if (*code != 0) {
            entries.push_back({row, place * input_.channels + first + i, *code});
          }
        }
      }
      if (!shared.bias_codes.empty()) {
        entries.push_back({row, inputs, shared.bias_codes[row]});
      }
    }
    return coded_matrix(layer_.outputs(), inputs + (shared.bias_codes.empty() ? 0U : 1U), entries);
  }
};

}  // namespace

std::unique_ptr<LoweredLayer> lower_to_windows(const NetworkLayer& layer, const TensorShape& input,
                                               const LoweringOptions& options) {
  return std::make_unique<Windows>(layer, input, options);
}

}  // namespace lacuna

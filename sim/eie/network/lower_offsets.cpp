#include <algorithm>

#include <fmt/format.h>

#include "sim/eie/network/coded_entries.h"
#include "sim/eie/network/lowerings.h"

namespace lacuna {
namespace {

/// Output positions along one direction whose input, at one place of the kernel, lies inside.
struct Positions {
  std::size_t first = 0;
  std::size_t count = 0;
};

Positions positions_inside(std::size_t outputs, std::size_t stride, std::size_t offset, std::size_t before,
                           std::size_t size) {
  std::size_t first = outputs;
  std::size_t count = 0;
  for (std::size_t i = 0; i < outputs; ++i) {
    const std::size_t padded = i * stride + offset;
    if (padded >= before && padded - before < size) {
      first = std::min(first, i);
      ++count;
    }
  }
  return {first, count};
}

class Offsets : public LoweredLayer {
 public:
  Offsets(const NetworkLayer& layer, const TensorShape& input, const LoweringOptions& options)
      : LoweredLayer(layer, input) {
    const LayerWeights& weights = *layer.weights;
    const SharedLayer shared = share_layer(weights.values, weights.codebook, {}, options.codebook_index_bits);
    const Window& w = layer.window;
    for (std::uint32_t y = 0; y < w.height; ++y) {
      for (std::uint32_t x = 0; x < w.width; ++x) {
        Product product;
        product.codebook = shared.codebook;
        product.layer.name = fmt::format("{} ({}, {})", layer.name, y, x);
        product.layer.relu = false;
        product.layer.matrix = matrix_of(shared, std::size_t{y} * w.width + x);
        products.push_back(std::move(product));
        rows_.push_back(positions_inside(layer.shape.height, w.stride, y, w.top, input.height));
        columns_.push_back(positions_inside(layer.shape.width, w.stride, x, w.left, input.width));
      }
    }
    host_biases = weights.bias;
    sharing = shared.method;
    sharing_largest_error = shared.largest_error;
  }

  const char* name() const override { return "kernel_offsets"; }
  std::size_t vectors(std::size_t product) const override {
    return rows_[product].count * columns_[place_x(product)].count;
  }

  void gather(std::size_t product, std::size_t vector, const RawTensor& input,
              std::vector<std::int64_t>& elements) const override {
    const Window& w = layer_.window;
    const std::size_t y = output_y(product, vector) * w.stride + place_y(product) - w.top;
    const std::size_t x = output_x(product, vector) * w.stride + place_x(product) - w.left;
    const std::int32_t* pixel = &input.at(y, x, 0);
    elements.assign(pixel, pixel + input_.channels);
  }

  void add(std::size_t product, std::size_t vector, const std::vector<std::int32_t>& outputs,
           std::vector<std::int64_t>& sums) const override {
    const std::size_t pixel = output_y(product, vector) * layer_.shape.width + output_x(product, vector);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      sums[pixel * outputs.size() + i] += outputs[i];
    }
  }

  HostWork work() const override {
    HostWork work;
    for (std::size_t product = 0; product < products.size(); ++product) {
      work.additions += vectors(product) * layer_.outputs();
    }
    return work;
  }

 private:
  std::size_t place_y(std::size_t product) const { return product / layer_.window.width; }
  std::size_t place_x(std::size_t product) const { return product % layer_.window.width; }
  std::size_t output_y(std::size_t product, std::size_t vector) const {
    return rows_[product].first + vector / columns_[product].count;
  }
  std::size_t output_x(std::size_t product, std::size_t vector) const {
    return columns_[product].first + vector % columns_[product].count;
  }

  eie::CodedMatrix matrix_of(const SharedLayer& shared, std::size_t place) const {
    const std::uint32_t group_inputs = input_.channels / layer_.groups;
    const std::uint32_t group_outputs = layer_.outputs() / layer_.groups;
    const std::size_t kernel = std::size_t{layer_.window.height} * layer_.window.width;
    std::vector<CodedEntry> entries;
    for (std::uint32_t row = 0; row < layer_.outputs(); ++row) {
      for (std::uint32_t i = 0; i < group_inputs; ++i) {
        const std::uint8_t code = shared.codes[(row * kernel + place) * group_inputs + i];
        entries.push_back({row, row / group_outputs * group_inputs + i, code});
      }
    }
    return coded_matrix(layer_.outputs(), input_.channels, entries);
  }

  std::vector<Positions> rows_;  ///< of each product
  std::vector<Positions> columns_;
};

}  // namespace

std::unique_ptr<LoweredLayer> lower_to_offsets(const NetworkLayer& layer, const TensorShape& input,
                                               const LoweringOptions& options) {
  return std::make_unique<Offsets>(layer, input, options);
}

}  // namespace lacuna

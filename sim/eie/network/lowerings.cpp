#include "sim/eie/network/lowerings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sim/eie/network/lowered_layer.h"
#include "sim/network/aggregation.h"

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
    if (options.leave_out_unused_inputs) {
      choose_inputs(shared);
    }
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
    const std::size_t first_y = vector / layer_.shape.width * w.stride_height;
    const std::size_t first_x = vector % layer_.shape.width * w.stride_width;
    if (is_transform(layer_)) {
      const std::int32_t* const pixel = &input.at(first_y, first_x, 0);
      elements.assign(pixel, pixel + input_.channels);
    } else {
      gather_window(first_y, first_x, input, elements);
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
      elements[i] = elements[used_[i]];  // used_ ascends
    }
    if (!used_.empty()) {
      elements.resize(used_.size());
    }
  }

  void add(std::size_t /*product*/, std::size_t vector, const std::vector<std::int32_t>& outputs,
           std::vector<std::int64_t>& sums) const override {
    std::copy(outputs.begin(), outputs.end(),
              sums.begin() + static_cast<std::ptrdiff_t>(vector * outputs.size()));
  }

 private:
  std::size_t kernel_size() const { return std::size_t{layer_.window.height} * layer_.window.width; }

  /// The window whose first row and column, in the padded input, are these.
  void gather_window(std::size_t first_y, std::size_t first_x, const RawTensor& input,
                     std::vector<std::int64_t>& elements) const {
    const Window& w = layer_.window;
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

  /// Takes the elements of a window that a weight uses: at least one, so that there is a vector.
  void choose_inputs(const SharedLayer& shared) {
    const eie::CodedMatrix whole = matrix_of(shared);
    for (std::uint32_t column = 0; column < window_size(); ++column) {
      if (whole.column_starts[column] < whole.column_starts[column + 1]) {
        used_.push_back(column);
      }
    }
    if (used_.empty()) {
      used_.push_back(0);
    }
    column_of_.assign(window_size(), 0);
    for (std::size_t i = 0; i < used_.size(); ++i) {
      column_of_[used_[i]] = static_cast<std::uint32_t>(i);
    }
  }

  std::uint32_t window_size() const { return static_cast<std::uint32_t>(kernel_size() * input_.channels); }
  std::uint32_t column_of(std::uint32_t element) const {
    return column_of_.empty() ? element : column_of_[element];
  }

  eie::CodedMatrix matrix_of(const SharedLayer& shared) const {
    const std::uint32_t group_inputs = input_.channels / layer_.groups;
    const std::uint32_t group_outputs = layer_.outputs() / layer_.groups;
    const std::uint32_t inputs = used_.empty() ? window_size() : static_cast<std::uint32_t>(used_.size());
    std::vector<CodedEntry> entries;
    auto code = shared.codes.begin();
    for (std::uint32_t row = 0; row < layer_.outputs(); ++row) {
      const std::uint32_t first = row / group_outputs * group_inputs;
      for (std::uint32_t place = 0; place < kernel_size(); ++place) {
        for (std::uint32_t i = 0; i < group_inputs; ++i, ++code) {
          if (*code != 0) {
            entries.push_back({row, column_of(place * input_.channels + first + i), *code});
          }
        }
      }
      if (!shared.bias_codes.empty()) {
        entries.push_back({row, inputs, shared.bias_codes[row]});
      }
    }
    return coded_matrix(layer_.outputs(), inputs + (shared.bias_codes.empty() ? 0U : 1U), entries);
  }

  std::vector<std::uint32_t> used_;       ///< elements of a window that stay; empty where all do
  std::vector<std::uint32_t> column_of_;  ///< of each element that stays
};

}  // namespace

std::unique_ptr<LoweredLayer> lower_to_windows(const NetworkLayer& layer, const TensorShape& input,
                                               const LoweringOptions& options) {
  return std::make_unique<Windows>(layer, input, options);
}

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
        rows_.push_back(positions_inside(layer.shape.height, w.stride_height, y, w.top, input.height));
        columns_.push_back(positions_inside(layer.shape.width, w.stride_width, x, w.left, input.width));
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
    const std::size_t y = output_y(product, vector) * w.stride_height + place_y(product) - w.top;
    const std::size_t x = output_x(product, vector) * w.stride_width + place_x(product) - w.left;
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

namespace {

/// A^T of the output transform: output a of a patch is the sum over i of output_factor[a][i] * M[i].
constexpr std::array<std::array<int, 4>, 2> output_factor = {{{1, 1, 1, 0}, {0, 1, -1, -1}}};

/// Row i of B^T times a column of four: [d0 - d2, d1 + d2, d2 - d1, d1 - d3].
std::int64_t input_row(std::size_t i, std::int64_t d0, std::int64_t d1, std::int64_t d2, std::int64_t d3) {
  switch (i) {
    case 0:
      return d0 - d2;
    case 1:
      return d1 + d2;
    case 2:
      return d2 - d1;
    default:
      return d1 - d3;
  }
}

/// Row i of G times a column of three.
double weight_row(std::size_t i, double g0, double g1, double g2) {
  switch (i) {
    case 0:
      return g0;
    case 1:
      return (g0 + g1 + g2) / 2.0;
    case 2:
      return (g0 - g1 + g2) / 2.0;
    default:
      return g2;
  }
}

class Winograd : public LoweredLayer {
 public:
  Winograd(const NetworkLayer& layer, const TensorShape& input, const LoweringOptions& options)
      : LoweredLayer(layer, input),
        patches_y_((layer.shape.height + 1) / 2),
        patches_x_((layer.shape.width + 1) / 2) {
    for (std::size_t place = 0; place < 16; ++place) {
      const std::vector<float> weights = transformed(place);
      const SharedLayer shared = share_layer(weights, {}, {}, options.codebook_index_bits);
      Product product;
      product.codebook = shared.codebook;
      product.layer.name = fmt::format("{} ({}, {})", layer.name, place / 4, place % 4);
      product.layer.relu = false;
      product.layer.matrix = matrix_of(shared);
      products.push_back(std::move(product));
      sharing = shared.method;
      sharing_largest_error = std::max(sharing_largest_error, shared.largest_error);
    }
    host_biases = layer.weights->bias;
  }

  const char* name() const override { return "winograd"; }
  std::size_t vectors(std::size_t /*product*/) const override { return patches_y_ * patches_x_; }

  void gather(std::size_t product, std::size_t vector, const RawTensor& input,
              std::vector<std::int64_t>& elements) const override {
    const std::size_t y = vector / patches_x_ * 2;
    const std::size_t x = vector % patches_x_ * 2;
    elements.assign(input_.channels, 0);
    // Only the elements that this place needs: B^T row by row, then column by column.
    std::vector<std::int64_t> rows(std::size_t{4} * input_.channels);
    for (std::size_t column = 0; column < 4; ++column) {
      for (std::size_t c = 0; c < input_.channels; ++c) {
        rows[column * input_.channels + c] =
            input_row(product / 4, padded(input, y, x + column, c), padded(input, y + 1, x + column, c),
                      padded(input, y + 2, x + column, c), padded(input, y + 3, x + column, c));
      }
    }
    for (std::size_t c = 0; c < input_.channels; ++c) {
      const auto at = [&](std::size_t column) { return rows[column * input_.channels + c]; };
      elements[c] = input_row(product % 4, at(0), at(1), at(2), at(3));
    }
  }

  void add(std::size_t product, std::size_t vector, const std::vector<std::int32_t>& outputs,
           std::vector<std::int64_t>& sums) const override {
    for (std::size_t dy = 0; dy < 2; ++dy) {
      for (std::size_t dx = 0; dx < 2; ++dx) {
        const std::size_t y = vector / patches_x_ * 2 + dy;
        const std::size_t x = vector % patches_x_ * 2 + dx;
        const int factor = output_factor[dy][product / 4] * output_factor[dx][product % 4];
        if (factor == 0 || y >= layer_.shape.height || x >= layer_.shape.width) {
          continue;
        }
        const std::size_t first = (y * layer_.shape.width + x) * outputs.size();
        for (std::size_t i = 0; i < outputs.size(); ++i) {
          sums[first + i] += std::int64_t{factor} * outputs[i];
        }
      }
    }
  }

  /// The transforms done once per patch: 32 additions per input channel, 24 per output (Lavin and Gray 2016).
  HostWork work() const override {
    HostWork work;
    work.additions = patches_y_ * patches_x_ *
                     (std::uint64_t{32} * input_.channels + std::uint64_t{24} * layer_.outputs());
    return work;
  }

 private:
  std::int64_t padded(const RawTensor& input, std::size_t y, std::size_t x, std::size_t channel) const {
    const Window& w = layer_.window;
    const bool inside = y >= w.top && y - w.top < input_.height && x >= w.left && x - w.left < input_.width;
    return inside ? input.at(y - w.top, x - w.left, channel) : 0;
  }

  /// G g G^T at one place, for all outputs and channels.
  std::vector<float> transformed(std::size_t place) const {
    const std::vector<float>& values = layer_.weights->values;
    const std::size_t channels = input_.channels;
    std::vector<float> result;
    result.reserve(layer_.outputs() * channels);
    for (std::size_t output = 0; output < layer_.outputs(); ++output) {
      for (std::size_t c = 0; c < channels; ++c) {
        const auto g = [&](std::size_t y, std::size_t x) {
          return static_cast<double>(values[((output * 3 + y) * 3 + x) * channels + c]);
        };
        std::array<double, 3> columns{};
        for (std::size_t x = 0; x < 3; ++x) {
          columns[x] = weight_row(place / 4, g(0, x), g(1, x), g(2, x));
        }
        result.push_back(static_cast<float>(weight_row(place % 4, columns[0], columns[1], columns[2])));
      }
    }
    return result;
  }

  eie::CodedMatrix matrix_of(const SharedLayer& shared) const {
    std::vector<CodedEntry> entries;
    for (std::uint32_t row = 0; row < layer_.outputs(); ++row) {
      for (std::uint32_t c = 0; c < input_.channels; ++c) {
        entries.push_back({row, c, shared.codes[std::size_t{row} * input_.channels + c]});
      }
    }
    return coded_matrix(layer_.outputs(), input_.channels, entries);
  }

  std::size_t patches_y_;
  std::size_t patches_x_;
};

}  // namespace

std::unique_ptr<LoweredLayer> lower_to_winograd(const NetworkLayer& layer, const TensorShape& input,
                                                const LoweringOptions& options) {
  return std::make_unique<Winograd>(layer, input, options);
}

}  // namespace lacuna

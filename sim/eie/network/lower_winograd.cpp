#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sim/eie/network/coded_entries.h"
#include "sim/eie/network/lowerings.h"

namespace lacuna {
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

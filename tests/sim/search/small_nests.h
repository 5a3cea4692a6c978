#pragma once

#include <cstdint>
#include <vector>

#include "sim/search/nest.h"

namespace lacuna::test {

/// Integers from -4 to 4, in no order.
template <class Value>
std::vector<Value> mixed_values(std::size_t count, std::uint32_t seed) {
  std::vector<Value> values;
  std::uint32_t state = seed;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 1664525U + 1013904223U;
    values.push_back(static_cast<Value>(static_cast<int>((state >> 16U) % 9) - 4));
  }
  return values;
}

template <class Value>
std::vector<Value> inputs_of(const Domain& domain, std::uint32_t seed = 1) {
  return mixed_values<Value>(std::size_t{domain.input_channels()} * domain.input_h * domain.input_w, seed);
}

template <class Value>
std::vector<Value> weights_of(const Domain& domain, std::uint32_t seed = 2) {
  return mixed_values<Value>(domain.weights(), seed);
}

/// The convolution as its formula says, output by output; bands are cut out, padded and convolved one by one.
template <class Value>
std::vector<Value> convolved(const Domain& d, const std::vector<Value>& inputs,
                             const std::vector<Value>& weights) {
  std::vector<Value> outputs;
  const int band_rows = static_cast<int>(d.input_h / d.bands);
  const int rows = static_cast<int>(d.h() / d.bands);
  for (std::uint32_t output = 0; output < d.groups * d.co; ++output) {
    for (std::uint32_t band = 0; band < d.bands; ++band) {
      for (int h = 0; h < rows; ++h) {
        for (int w = 0; w < static_cast<int>(d.w()); ++w) {
          Value sum{};
          for (std::uint32_t ci = 0; ci < d.ci; ++ci) {
            for (int kh = 0; kh < static_cast<int>(d.kh); ++kh) {
              for (int kw = 0; kw < static_cast<int>(d.kw); ++kw) {
                const int row = h * static_cast<int>(d.stride) + kh - static_cast<int>(d.padding);
                const int column = w * static_cast<int>(d.stride) + kw - static_cast<int>(d.padding);
                if (row < 0 || row >= band_rows || column < 0 || column >= static_cast<int>(d.input_w)) {
                  continue;
                }
                const std::size_t channel = output / d.co * d.ci + ci;
                const std::size_t y =
                    band * static_cast<std::size_t>(band_rows) + static_cast<std::size_t>(row);
                const std::size_t of_band = weights.size() / d.bands;
                const std::size_t tap = static_cast<std::size_t>(kh) * d.kw + static_cast<std::size_t>(kw);
                sum += weights[band * of_band + (output * d.ci + ci) * d.kh * d.kw + tap] *
                       inputs[(channel * d.input_h + y) * d.input_w + static_cast<std::size_t>(column)];
              }
            }
          }
          outputs.push_back(sum);
        }
      }
    }
  }
  return outputs;
}

/// groups, co, ci, input rows and columns, kernel, stride, padding, bands
inline std::vector<Domain> small_domains() {
  return {{1, 3, 4, 6, 5, 3, 3, 1, 1, 1}, {2, 3, 2, 7, 6, 3, 2, 2, 1, 1}, {4, 1, 1, 5, 5, 3, 3, 1, 1, 1},
          {1, 5, 3, 4, 4, 1, 1, 1, 0, 1}, {1, 2, 3, 8, 4, 3, 3, 1, 1, 2}, {2, 2, 2, 6, 5, 2, 3, 1, 0, 1}};
}

}  // namespace lacuna::test

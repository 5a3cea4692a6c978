#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/data/import/han_net.h"
#include "tests/sim/data/import/write_npy.h"

namespace lacuna::test {

/// One layer of a `.net` file, field by field.
struct NetLayer {
  std::uint32_t count = 0;
  std::vector<float> codebook;
  std::vector<float> biases;
  std::vector<std::uint8_t> codes;
  std::vector<std::uint8_t> gaps;
};

/// Two small layers: a 1x1 convolution of 2 outputs and 20 inputs with a padding entry, and a 3x3 one of a
/// single weight at its end.
inline std::vector<ConvolutionShape> small_net_shapes() {
  return {{"point", 2, 20, 1, 1}, {"square", 1, 1, 3, 3}};
}

inline std::vector<NetLayer> small_net() {
  std::vector<float> codebook(256, 0.0F);
  for (std::size_t i = 1; i < codebook.size(); ++i) {
    codebook[i] = static_cast<float>(i) / 4.0F;
  }
  // 2 zeros: weight 2; 15 zeros: padding at 18; 3 zeros: weight 22; none: weight 23; 14 zeros: weight 38.
  return {{5, codebook, {0.25F, -1.0F}, {7, 0, 9, 255, 1}, {0xF2, 0x03, 0x0E}},
          {1, codebook, {0.5F}, {3}, {0x08}}};
}

inline Bytes net_bytes(const std::vector<NetLayer>& layers) {
  Bytes bytes;
  const auto append = [&bytes](const Bytes& more) { bytes.insert(bytes.end(), more.begin(), more.end()); };
  for (const NetLayer& layer : layers) {
    append(memory_of<std::uint32_t>({layer.count}));
  }
  for (const NetLayer& layer : layers) {
    append(memory_of(layer.codebook));
    append(memory_of(layer.biases));
    append(memory_of(layer.codes));
    append(memory_of(layer.gaps));
  }
  return bytes;
}

}  // namespace lacuna::test

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/data/import/write_npy.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {

/// A network of every kind of layer on two generated, labelled images, as a run configuration.
inline std::string every_kind(const TemporaryFolder& folder) {
  std::vector<std::uint8_t> image;
  for (int i = 0; i < 256; ++i) {
    image.push_back(static_cast<std::uint8_t>((i * 37 + i / 5) % 251));
  }
  write_npy(folder.file("image.npy"), "|u1", "(2, 8, 8, 2)", image);
  write_npy<std::uint8_t>(folder.file("labels.npy"), "|u1", "(2,)", {0, 1});
  folder.write("n.yaml",
               "network:\n  layers:\n"
               "    - {name: in, kind: input, height: 8, width: 8, channels: 2}\n"
               "    - {name: a, kind: convolution, outputs: 6, kernel: 3, padding: 1, activation: relu, "
               "weights: {generate: {density: 0.6}}}\n"
               "    - {name: b, kind: convolution, outputs: 6, kernel: 3, padding: 1, groups: 6, activation: "
               "relu6, weights: {generate: {}}}\n"
               "    - {name: s, kind: add, inputs: [a, b], activation: relu}\n"
               "    - {name: p, kind: average_pooling, kernel: 2, stride: 2}\n"
               "    - {name: c, kind: convolution, inputs: [p], outputs: 4, kernel: 1, activation: relu, "
               "weights: {generate: {density: 0.5}}}\n"
               "    - {name: j, kind: concat, inputs: [c, p]}\n"
               "    - {name: f, kind: flatten, order: chw}\n"
               "    - {name: d, kind: fully_connected, outputs: 20, activation: relu, weights: {generate: "
               "{density: 0.3}}}\n"
               "    - {name: e, kind: fully_connected, outputs: 5, weights: {generate: {density: 0.5}}}\n"
               "    - {name: z, kind: softmax}\n"
               "data: {npy: image.npy, scale: 0.01, offset: -1, max_images: 2, labels: labels.npy}\n");
  return folder.write("run.yaml",
                      "architecture: {kind: eie, pe_count: 8, codebook_index_bits: 8}\n"
                      "workload: {network: n.yaml}\nengine: timeline\n");
}

/// An LSTM cell on a sequence of seven steps, as a run configuration.
inline std::string lstm_cell(const TemporaryFolder& folder) {
  std::vector<std::int8_t> sequence;
  for (int i = 0; i < 35; ++i) {
    sequence.push_back(static_cast<std::int8_t>((i * 53) % 100 - 50));
  }
  write_npy(folder.file("x.npy"), "|i1", "(7, 1, 5)", sequence);
  folder.write("lstm.yaml",
               "network:\n  layers:\n    - {name: in, kind: input, height: 7, channels: 5}\n"
               "    - {name: l, kind: lstm, outputs: 6, weights: {generate: {density: 0.7}}}\n"
               "data: {npy: x.npy, scale: 0.02}\n");
  return folder.write("lstm-run.yaml",
                      "architecture: {kind: eie, pe_count: 4, codebook_index_bits: 8}\n"
                      "workload: {network: lstm.yaml}\nengine: timeline\n");
}

/// A GRU cell on the same sequence; `reset_after` as the layer's key.
inline std::string gru_cell(const TemporaryFolder& folder, bool reset_after) {
  lstm_cell(folder);
  folder.write("gru.yaml",
               std::string("network:\n  layers:\n    - {name: in, kind: input, height: 7, channels: 5}\n"
                           "    - {name: g, kind: gru, outputs: 6, reset_after: ") +
                   (reset_after ? "true" : "false") +
                   ", weights: {generate: {density: 0.7}}}\ndata: {npy: x.npy, scale: 0.02}\n");
  return folder.write("gru-run.yaml",
                      "architecture: {kind: eie, pe_count: 4, codebook_index_bits: 8}\n"
                      "workload: {network: gru.yaml}\nengine: timeline\n");
}

/// A convolution and two fully connected layers, with biases, on four images; images and weights of any
/// magnitude, biases `bias` times as large as their layer's sums: scaled.yaml.
inline void scaled_network(const TemporaryFolder& folder, double image, double weight, double bias) {
  std::uint32_t state = 1;
  const auto values = [&](std::size_t count, double scale) {
    std::vector<float> list;
    for (std::size_t i = 0; i < count; ++i) {
      state = state * 1664525U + 1013904223U;
      list.push_back(static_cast<float>(scale * ((state >> 8U) / 8388608.0 - 1.0)));
    }
    return list;
  };
  const double first = image * weight * 2;
  const double second = first * weight * 4;
  const double third = second * weight;
  write_npy(folder.file("x.npy"), "<f4", "(4, 6, 6, 2)", values(288, image));
  write_npy(folder.file("a.npy"), "<f4", "(4, 2, 3, 3)", values(72, weight));
  write_npy(folder.file("ab.npy"), "<f4", "(4,)", values(4, first * bias));
  write_npy(folder.file("b.npy"), "<f4", "(6, 144)", values(864, weight));
  write_npy(folder.file("bb.npy"), "<f4", "(6,)", values(6, second * bias));
  write_npy(folder.file("c.npy"), "<f4", "(3, 6)", values(18, weight));
  write_npy(folder.file("cb.npy"), "<f4", "(3,)", values(3, third * bias));
  folder.write(
      "scaled.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 6, width: 6, channels: 2}\n"
      "    - {name: a, kind: convolution, outputs: 4, kernel: 3, padding: 1, activation: relu, "
      "weights: {npy: a.npy, layout: out_in_kh_kw, bias: ab.npy}}\n"
      "    - {name: f, kind: flatten, order: chw}\n"
      "    - {name: b, kind: fully_connected, outputs: 6, activation: relu, weights: {npy: b.npy, bias: "
      "bb.npy}}\n"
      "    - {name: c, kind: fully_connected, outputs: 3, weights: {npy: c.npy, bias: cb.npy}}\n"
      "data: {npy: x.npy}\n");
}

}  // namespace lacuna::test

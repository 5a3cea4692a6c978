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

}  // namespace lacuna::test

#pragma once

#include <string>

#include "tests/sim/training/image_files.h"

namespace lacuna::test {

/// A search among 16 networks of two blocks for images of 6 x 6 in four classes, on two machines, with these
/// lines more (indented by two). Returns its path.
inline std::string write_search(const TemporaryFolder& folder, const std::string& more) {
  write_images(folder, "train-", 230, 6, 4, 1);
  write_images(folder, "test-", 70, 6, 4, 2);
  folder.write("sparse.yaml",
               "architecture: {kind: eie, pe_count: 4}\nworkload: {network: any.yaml}\nengine: timeline\n");
  folder.write("stream.yaml",
               "architecture: {kind: tomato, clock_mhz: 200, size_fifos: true}\n"
               "workload: {network: any.yaml}\nengine: timeline\n");
  folder.write("any.yaml",
               "network:\n  layers:\n"
               "    - {name: in, kind: input, height: 1, width: 1, channels: 1}\n"
               "    - {name: a, kind: fully_connected, outputs: 1, weights: {generate: {}}}\n");
  return folder.write("search.yaml",
                      "search:\n"
                      "  skeleton: {height: 6, width: 6, classes: 4, stem_channels: 4, stages: [{blocks: 1, "
                      "channels: 4}, {blocks: 1, channels: 8, stride: 2}]}\n"
                      "  blocks: [Conv, DConvA2, DConv, ConvB2]\n"
                      "  machines: [{name: sparse, run: sparse.yaml}, {name: stream, run: stream.yaml}]\n"
                      "  train: {npy: train-images.npy, labels: train-labels.npy, scale: 0.004}\n"
                      "  test: {npy: test-images.npy, labels: test-labels.npy, scale: 0.004}\n"
                      "  images: 2\n  score_images: 64\n" +
                          more);
}

}  // namespace lacuna::test

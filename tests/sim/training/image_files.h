#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/dice.h"
#include "tests/sim/data/import/write_npy.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {

/// Writes `images.npy` [count, size, size] and `labels.npy` of classes that can be told apart: each has a
/// bright square of its own in noise.
inline void write_images(const TemporaryFolder& folder, const std::string& prefix, unsigned count,
                         unsigned size, unsigned classes, std::uint64_t seed) {
  Dice dice(seed);
  std::vector<std::uint8_t> images;
  std::vector<std::uint8_t> labels;
  for (unsigned i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint8_t>(dice.between(0, classes - 1));
    labels.push_back(label);
    for (unsigned pixel = 0; pixel < size * size; ++pixel) {
      const bool bright = pixel % (size * size / classes + 1) == label;
      images.push_back(static_cast<std::uint8_t>(dice.between(bright ? 60 : 0, bright ? 255 : 120)));
    }
  }
  const std::string number = std::to_string(count);
  const std::string extent = std::to_string(size);
  write_npy(folder.file(prefix + "images.npy"), "|u1", "(" + number + ", " + extent + ", " + extent + ")",
            images);
  write_npy(folder.file(prefix + "labels.npy"), "|u1", "(" + number + ",)", labels);
}

/// A network of one hidden layer for such images, two sets of them, and a recipe with these `phases` (YAML
/// list items, indented by four). Returns the recipe's path.
inline std::string write_recipe(const TemporaryFolder& folder, const std::string& phases,
                                const std::string& more = {}) {
  write_images(folder, "train-", 230, 6, 4, 1);
  write_images(folder, "test-", 70, 6, 4, 2);
  folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 6, width: 6, channels: 1}\n"
      "    - {name: f, kind: flatten, order: hwc}\n"
      "    - {name: a, kind: fully_connected, outputs: 9, activation: relu, weights: {generate: {}}}\n"
      "    - {name: b, kind: fully_connected, outputs: 4, weights: {generate: {}}}\n"
      "    - {name: p, kind: softmax}\n");
  return folder.write("recipe.yaml",
                      "training:\n  network: n.yaml\n"
                      "  train: {npy: train-images.npy, labels: train-labels.npy, scale: 0.004}\n"
                      "  test: {npy: test-images.npy, labels: test-labels.npy, scale: 0.004}\n"
                      "  validation_images: 40\n  batch: 32\n" +
                          more + "  phases:\n" + phases);
}

/// Trained, cut twice, operated on, shared.
inline std::string all_phases() {
  return "    - {name: dense, steps: [{epochs: 3, rate: 0.05}, {epochs: 1, rate: 0.01}]}\n"
         "    - {name: half, prune: {density: 0.5}, steps: [{epochs: 2, rate: 0.02}]}\n"
         "    - {name: third, prune: {quality: 0.9}, layers: [{name: b, skip: true}], steps: [{epochs: 1, "
         "rate: "
         "0.02}]}\n"
         "    - {name: surgery, surgery: {alpha: -0.5}, steps: [{epochs: 1, rate: 0.02}]}\n"
         "    - {name: shared, share: {weight_bits: 3, biases: true}, steps: [{epochs: 2, rate: 0.001}]}\n";
}

}  // namespace lacuna::test

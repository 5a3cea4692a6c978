#pragma once

#include <string>

#include "tests/sim/training/image_files.h"

namespace lacuna::test {

/// A network of two convolutions of 8 and 6 channels for images of 6 x 6 in four classes, two sets of these,
/// and a recipe with these `phases`. Returns the recipe's path.
inline std::string write_gate_recipe(const TemporaryFolder& folder, const std::string& phases) {
  const std::string recipe = write_recipe(folder, phases);
  folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 6, width: 6, channels: 1}\n"
      "    - {name: a, kind: convolution, outputs: 8, kernel: 3, padding: 1, activation: relu, weights: "
      "{generate: {}}}\n"
      "    - {name: m, kind: max_pooling, kernel: 2, stride: 2}\n"
      "    - {name: b, kind: convolution, outputs: 6, kernel: 2, activation: relu, weights: {generate: "
      "{bias: "
      "false}}}\n"
      "    - {name: f, kind: flatten, order: hwc}\n"
      "    - {name: c, kind: fully_connected, outputs: 4, weights: {generate: {}}}\n"
      "    - {name: p, kind: softmax}\n");
  return recipe;
}

/// All open, then half of them, of `a` in two lanes and with a lasso.
inline std::string gate_phases() {
  return "    - {name: open, gates: {density: 1}, steps: [{epochs: 4, rate: 0.05}]}\n"
         "    - {name: half, gates: {density: 0.5}, layers: [{name: a, gates: {density: 0.5, lanes: 2, "
         "lasso: "
         "0.001}}], steps: [{epochs: 3, rate: 0.02}]}\n";
}

}  // namespace lacuna::test

#pragma once

#include <string>

#include "tests/temporary_folder.h"

namespace lacuna::test {

/// Configurations of the repository.
inline std::string shipped_file(const std::string& name) {
  return std::string(LACUNA_SOURCE_DIR) + "/configs/" + name;
}

/// A sweep over machines for LeNet-5, with values; `rest` follows the axes.
inline std::string small_tomato_sweep(const TemporaryFolder& folder, const std::string& rest = {},
                                      int frames = 3) {
  return folder.write("tomato.yaml",
                      "base: " + shipped_file("tomato/lenet5.yaml") +
                          "\n"
                          "outputs: true\n"
                          "workload: {network: " +
                          shipped_file("networks/lenet5.yaml") + ", frames: " + std::to_string(frames) +
                          "}\n"
                          "axes:\n"
                          "  - {key: architecture.layers.*.weights, values: [fixed(8), shift(4)]}\n"
                          "  - {key: architecture.layers.conv0.weights, values: [fixed(6), ternary]}\n"
                          "  - {key: architecture.balance.target_cycles_per_frame, "
                          "powers_of_two: {from: 1024, to: 4096}}\n" +
                          rest);
}

}  // namespace lacuna::test

#pragma once

#include <string>

#include "tests/temporary_folder.h"

namespace lacuna::test {

/// A sweep over small generated layers; `rest` follows the axes.
inline std::string small_sweep(const TemporaryFolder& folder, const std::string& rest = {},
                               const std::string& name = "sweep.yaml") {
  folder.write("a.yaml",
               "workload: {layers: [{generate: {rows: 60, columns: 50, weight_density: 0.3, "
               "activation_density: 0.5, vectors: 2}}]}\n");
  folder.write("b.yaml",
               "workload:\n  layers:\n"
               "    - generate: {rows: 90, columns: 40, weight_density: 0.1, activation_density: 0.6, "
               "has_bias: true}\n"
               "    - generate: {rows: 30, columns: 90, weight_density: 0.4, activation_density: 1}\n"
               "      activations: from_previous\n");
  return folder.write(name,
                      "architecture: {kind: eie, register_file_entries: 8}\n"
                      "axes:\n"
                      "  - {key: workload, values: [a.yaml, b.yaml]}\n"
                      "  - key: architecture.pe_count\n"
                      "    powers_of_two: {from: 2, to: 8}\n"
                      "  - {key: architecture.queue_depth_entries, range: {from: 1, to: 4, step: 1}}\n"
                      "  - {key: architecture.arithmetic_bypass, values: [true, false]}\n" +
                          rest);
}

}  // namespace lacuna::test

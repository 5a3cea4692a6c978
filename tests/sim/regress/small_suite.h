#pragma once

#include <string>

#include "tests/temporary_folder.h"

namespace lacuna::test {

/// A suite of two small runs in the folder; `rest` follows.
inline std::string small_suite(const TemporaryFolder& folder, const std::string& rest = {}) {
  folder.write("a.yaml",
               "architecture: {kind: eie, pe_count: 4}\n"
               "workload: {layers: [{generate: {rows: 40, columns: 30, weight_density: 0.3, "
               "activation_density: 0.5}, name: only}]}\n");
  return folder.write("suite.yaml",
                      "runs:\n"
                      "  - {name: plain, config: a.yaml, engines: [timeline, systemc]}\n"
                      "  - name: shallow\n"
                      "    config: a.yaml\n"
                      "    set: [architecture.queue_depth_entries=1]\n"
                      "    seed: 4\n" +
                          rest);
}

}  // namespace lacuna::test

#include "sim/data/import/record_source.h"

#include <filesystem>

#include "models/common/checksum.h"

namespace lacuna {

void record_source(Trace& trace, const std::string& role, const std::string& path) {
  trace.provenance[role + "_file"] = std::filesystem::path(path).filename().string();
  trace.provenance[role + "_sha256"] = sha256_file(path);
}

}  // namespace lacuna

#pragma once

#include <string>

#include "sim/data/trace/trace.h"

namespace lacuna {

/// Records a source file's name (without its folders) and SHA-256 in the provenance, as ROLE_file and
/// ROLE_sha256. Throws InputDataError when it cannot be read.
void record_source(Trace& trace, const std::string& role, const std::string& path);

}  // namespace lacuna

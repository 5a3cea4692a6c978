#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lacuna {

/// Reads a result JSON, schema lacuna.result/2. Throws InputDataError when the file is missing, larger than
/// 256 MiB, nested more than 16 levels, not JSON, or not a result.
nlohmann::ordered_json read_result(const std::string& path);

/// The same for lacuna.result/2 or, with a list of points, lacuna.sweep-result/2; `path` is the file, or the
/// folder of a sweep.
nlohmann::ordered_json read_result_or_sweep(const std::string& path);

}  // namespace lacuna

#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lacuna {

/// Reads a result JSON, schema lacuna.result/2. Throws InputDataError when the file is missing, larger than
/// 256 MiB, nested more than 16 levels, not JSON, or not a result.
nlohmann::ordered_json read_result(const std::string& path);

/// The same for lacuna.result/2, lacuna.sweep-result/2 with a list of points, or lacuna.training/1 with a
/// list of phases; `path` is the file, or the folder of a sweep or a training.
nlohmann::ordered_json read_report_source(const std::string& path);

}  // namespace lacuna

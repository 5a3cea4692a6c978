#include "sim/report/read_result.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <nlohmann/json.hpp>

#include "models/common/error.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t max_bytes = std::uintmax_t{256} << 20;
constexpr int max_depth = 16;

void check_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputDataError({path, 0, {}}, "no such file", "a result of 'lacuna run --json' or 'lacuna sweep'");
  }
  if (std::filesystem::file_size(path, error) > max_bytes || error) {
    throw InputDataError({path, 0, {}}, "the file is too large", "at most 256 MiB");
  }
}

Json parse(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const auto bounded = [&path](int depth, Json::parse_event_t, Json&) {
    if (depth > max_depth) {
      throw InputDataError({path, 0, {}}, "nested too deeply", "a result JSON of 'lacuna run --json'");
    }
    return true;
  };
  try {
    return Json::parse(stream, bounded);
  } catch (const Json::exception& error) {
    throw InputDataError({path, 0, {}}, std::string("not valid JSON: ") + error.what());
  }
}

bool is_complete_result(const Json& json) {
  return json.value("layers", Json()).is_array() && json.value("totals", Json()).is_object();
}

}  // namespace

nlohmann::ordered_json read_result(const std::string& path) {
  check_file(path);
  Json json = parse(path);
  if (!json.is_object() || json.value("schema", Json()) != "lacuna.result/2") {
    throw InputDataError({path, 0, "schema"}, "is not lacuna.result/2",
                         "a result JSON of 'lacuna run --json'");
  }
  if (!is_complete_result(json)) {
    throw InputDataError({path, 0, {}}, "'layers' or 'totals' is missing", "a complete result JSON");
  }
  return json;
}

nlohmann::ordered_json read_result_or_sweep(const std::string& path) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  const std::string file = is_folder ? path + "/results.json" : path;
  check_file(file);
  Json json = parse(file);
  const bool has_schema = json.is_object() && json.value("schema", Json()).is_string();
  const std::string schema = has_schema ? json.at("schema").get<std::string>() : std::string();
  const bool complete = schema == "lacuna.result/2"         ? is_complete_result(json)
                        : schema == "lacuna.sweep-result/2" ? json.value("points", Json()).is_array()
                                                            : false;
  if (!complete) {
    throw InputDataError({file, 0, "schema"}, "is no complete lacuna.result/2 or lacuna.sweep-result/2",
                         "what 'lacuna run --json' or 'lacuna sweep' has written");
  }
  return json;
}

}  // namespace lacuna

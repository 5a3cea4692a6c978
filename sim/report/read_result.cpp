#include "sim/report/read_result.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "models/common/error.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uintmax_t max_bytes = std::uintmax_t{256} << 20;
constexpr int max_depth = 16;

void check_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputDataError({path, 0, {}}, "no such file", "a result JSON of 'lacuna run --json'");
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

}  // namespace

nlohmann::ordered_json read_result(const std::string& path) {
  check_file(path);
  Json json = parse(path);
  if (!json.is_object() || json.value("schema", Json()) != "lacuna.result/1") {
    throw InputDataError({path, 0, "schema"}, "is not lacuna.result/1",
                         "a result JSON of 'lacuna run --json'");
  }
  if (!json.value("layers", Json()).is_array() || !json.value("totals", Json()).is_object()) {
    throw InputDataError({path, 0, {}}, "'layers' or 'totals' is missing", "a complete result JSON");
  }
  return json;
}

}  // namespace lacuna

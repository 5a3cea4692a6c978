#include "sim/report/read_result.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

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

/// Watches a file while it is parsed: how deep it is nested, and that no object has a key twice, of which a
/// JSON reader takes one in silence.
class ParseGuard {
 public:
  explicit ParseGuard(std::string path) : path_(std::move(path)) {}

  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > max_depth) {
      throw InputDataError({path_, 0, {}}, "nested too deeply", "a result JSON of 'lacuna run --json'");
    }
    if (event == Json::parse_event_t::object_start) {
      objects_.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      objects_.pop_back();
    } else if (event == Json::parse_event_t::key) {
      add(parsed.get_ref<const std::string&>());
    }
    return true;
  }

 private:
  struct Object {
    std::unordered_set<std::string> keys;
    std::string now;  ///< the key whose value is read
  };

  void add(const std::string& key) {
    Object& object = objects_.back();
    object.now = key;
    if (!object.keys.insert(key).second) {
      std::string place;
      for (const Object& each : objects_) {
        place += (place.empty() ? "" : ".") + each.now.substr(0, max_shown_bytes);
      }
      throw InputDataError({path_, 0, place}, "comes twice", "each key once");
    }
  }

  static constexpr std::size_t max_shown_bytes = 80;

  std::string path_;
  std::vector<Object> objects_;  ///< those that are open
};

Json parse(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  ParseGuard guard(path);
  const auto watched = [&guard](int depth, Json::parse_event_t event, const Json& parsed) {
    return guard(depth, event, parsed);
  };
  try {
    return Json::parse(stream, watched);
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

nlohmann::ordered_json read_report_source(const std::string& path) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);
  const bool is_training = is_folder && std::filesystem::exists(path + "/training.json", ignored);
  const std::string file = is_training ? path + "/training.json" : is_folder ? path + "/results.json" : path;
  check_file(file);
  Json json = parse(file);
  const bool has_schema = json.is_object() && json.value("schema", Json()).is_string();
  const std::string schema = has_schema ? json.at("schema").get<std::string>() : std::string();
  const bool complete = schema == "lacuna.result/2"         ? is_complete_result(json)
                        : schema == "lacuna.sweep-result/2" ? json.value("points", Json()).is_array()
                        : schema == "lacuna.training/1"     ? json.value("phases", Json()).is_array()
                        : schema == "lacuna.search/1"       ? json.value("candidates", Json()).is_object()
                                                            : false;
  if (!complete) {
    throw InputDataError(
        {file, 0, "schema"},
        "is no complete lacuna.result/2, lacuna.sweep-result/2, lacuna.search/1 or lacuna.training/1",
        "what 'lacuna run --json', 'lacuna sweep', 'lacuna search' or 'lacuna train' has written");
  }
  return json;
}

}  // namespace lacuna

#include "sim/sweep/result_formats.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {
namespace {

constexpr std::array<std::pair<const char*, ResultFormat>, 4> format_names = {
    {{"csv", ResultFormat::csv},
     {"json", ResultFormat::json},
     {"jsonl", ResultFormat::jsonl},
     {"sqlite", ResultFormat::sqlite}}};

}  // namespace

const ResultFormats& all_result_formats() {
  static const ResultFormats all = {ResultFormat::csv, ResultFormat::json, ResultFormat::jsonl,
                                    ResultFormat::sqlite};
  return all;
}

const ResultFormats& default_result_formats() {
  static const ResultFormats formats = {ResultFormat::csv, ResultFormat::json};
  return formats;
}

const char* result_file(ResultFormat format) {
  switch (format) {
    case ResultFormat::csv:
      return sweep_csv_file;
    case ResultFormat::json:
      return sweep_json_file;
    case ResultFormat::jsonl:
      return sweep_json_lines_file;
    case ResultFormat::sqlite:
      return sweep_table_file;
  }
  return "";
}

ResultFormats parse_result_formats(const std::string& text) {
  if (text.empty()) {
    return default_result_formats();
  }
  ResultFormats formats;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const auto* const found = std::find_if(format_names.begin(), format_names.end(),
                                           [&](const auto& each) { return word == each.first; });
    if (found == format_names.end()) {
      throw ConfigurationError({{}, 0, "--results"}, fmt::format("'{:.40}' is no form of results", word),
                               "csv, json, jsonl or sqlite, separated by commas");
    }
    if (std::find(formats.begin(), formats.end(), found->second) == formats.end()) {
      formats.push_back(found->second);
    }
  }
  return formats;
}

}  // namespace lacuna

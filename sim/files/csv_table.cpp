#include "sim/files/csv_table.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <locale>
#include <sstream>
#include <system_error>

#include <boost/tokenizer.hpp>
#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

std::string contents(const std::string& path, std::size_t most_bytes) {
  std::error_code error;
  std::ifstream file;
  if (std::filesystem::is_regular_file(path, error)) {  // opening a pipe may wait for ever
    file.open(path, std::ios::binary);
  }
  const std::uintmax_t size =
      std::filesystem::file_size(path, error);  // a file that grows meanwhile: refused
  std::string text(error ? 0 : static_cast<std::size_t>(std::min<std::uintmax_t>(size, most_bytes)) + 1,
                   '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.eof() || text.empty()) {
    throw InputDataError({path, 0, ""}, text.empty() ? "cannot be read" : "is too large",
                         fmt::format("a readable CSV file of at most {} MiB", most_bytes >> 20));
  }
  return text;
}

std::vector<std::string> split(const std::string& path, int line, const std::string& text) {
  try {
    const boost::tokenizer<boost::escaped_list_separator<char>> fields(text);
    return {fields.begin(), fields.end()};
  } catch (const boost::escaped_list_error&) {
    throw InputDataError({path, line, ""}, "has a bad escape",
                         "comma-separated fields, in double quotes if need be");
  }
}

}  // namespace

CsvTable::CsvTable(const std::string& path, std::size_t most_bytes) : path_(path) {
  std::istringstream lines(contents(path, most_bytes));
  std::string text;
  for (int line = 1; std::getline(lines, text); ++line) {
    if (!text.empty() && text.back() == '\r') {
      text.pop_back();
    }
    if (text.empty()) {
      continue;
    }
    std::vector<std::string> fields = split(path, line, text);
    if (header_.empty()) {
      header_ = std::move(fields);
    } else if (fields.size() == header_.size()) {
      rows_.push_back({line, std::move(fields)});
    } else {
      throw InputDataError({path, line, ""}, std::to_string(fields.size()) + " fields",
                           "the header's " + std::to_string(header_.size()));
    }
  }
}

const std::string& CsvTable::text(std::size_t row, const std::string& column) const {
  const auto found = std::find(header_.begin(), header_.end(), column);
  if (found == header_.end()) {
    throw InputDataError({path_, 1, column}, "is missing", "a column of this name");
  }
  return rows_[row].fields[static_cast<std::size_t>(found - header_.begin())];
}

double CsvTable::number(std::size_t row, const std::string& column) const {
  const std::string& field = text(row, column);
  std::istringstream stream(field);
  stream.imbue(std::locale::classic());
  double value = 0.0;
  if (!(stream >> value) || stream.peek() != std::istringstream::traits_type::eof() ||
      !std::isfinite(value)) {
    throw InputDataError({path_, line(row), column}, "\"" + field + "\"", "a number");
  }
  return value;
}

std::uint32_t CsvTable::whole_number(std::size_t row, const std::string& column) const {
  const double value = number(row, column);
  if (value < 1.0 || value > std::numeric_limits<std::int32_t>::max() || value != std::floor(value)) {
    throw InputDataError({path_, line(row), column}, text(row, column), "a whole number from 1");
  }
  return static_cast<std::uint32_t>(value);
}

}  // namespace lacuna

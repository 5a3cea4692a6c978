#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// Forms in which a sweep's points are written.
enum class ResultFormat {
  csv,     ///< a table, totals alone
  json,    ///< one document, with layers
  jsonl,   ///< a line for each point, as in `json`
  sqlite,  ///< a table to ask in SQL, totals alone
};
using ResultFormats = std::vector<ResultFormat>;

const ResultFormats& all_result_formats();
const ResultFormats& default_result_formats();  ///< csv and json

/// Their name in a folder.
const char* result_file(ResultFormat format);

/// "csv,jsonl"; empty: the default. Throws ConfigurationError (key: --results) for other names.
ResultFormats parse_result_formats(const std::string& text);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// A small CSV file with a header line: comma-separated, fields may stand in double quotes.
class CsvTable {
 public:
  /// Throws InputDataError when the file cannot be read, is larger than `most_bytes`, or a line has too few
  /// or many fields.
  explicit CsvTable(const std::string& path, std::size_t most_bytes = std::size_t{1} << 20);

  std::size_t rows() const { return rows_.size(); }

  /// Field of a row (0-based) by the column's header. Throws InputDataError when there is no such column.
  const std::string& text(std::size_t row, const std::string& column) const;

  /// The same as a finite number.
  double number(std::size_t row, const std::string& column) const;

  /// The same as a whole number from 1 to 2^31 - 1.
  std::uint32_t whole_number(std::size_t row, const std::string& column) const;

  /// Line of a row in the file, 1-based.
  int line(std::size_t row) const { return rows_[row].line; }
  const std::string& path() const { return path_; }

 private:
  struct Row {
    int line;
    std::vector<std::string> fields;
  };

  std::string path_;
  std::vector<std::string> header_;
  std::vector<Row> rows_;
};

}  // namespace lacuna

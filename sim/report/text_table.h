#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lacuna {

/// A table of text with aligned columns: the first to the left, the others to the right.
class TextTable {
 public:
  /// Widest first column; longer text is cut.
  static constexpr std::size_t max_name_width = 26;

  explicit TextTable(std::vector<std::string> titles);

  /// As many cells as titles.
  void add_row(std::vector<std::string> cells);
  /// A line of dashes.
  void add_rule();

  /// Lines that end with a line feed, without trailing blanks.
  std::string str() const;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<std::vector<std::string>> rows_;  ///< titles first; an empty row is a rule
};

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// Columns that a terminal needs for a UTF-8 text: two for a wide East Asian letter, one for others.
std::size_t display_width(std::string_view text);

/// The longest beginning of a text that fits into so many columns; letters stay whole.
std::string_view cut_to_width(std::string_view text, std::size_t columns);

/// A table of text with aligned columns: the first to the left, the others to the right.
class TextTable {
 public:
  /// Columns of the widest first column; longer text is cut.
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

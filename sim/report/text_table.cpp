#include "sim/report/text_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace lacuna {
namespace {

constexpr std::size_t gap = 2;

}  // namespace

TextTable::TextTable(std::vector<std::string> titles) {
  rows_.push_back(std::move(titles));
  add_rule();
}

void TextTable::add_row(std::vector<std::string> cells) {
  rows_.push_back(std::move(cells));
}

void TextTable::add_rule() {
  rows_.emplace_back();
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widest(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widest[column] = std::max(widest[column], row[column].size());
    }
  }
  widest.front() = std::min(widest.front(), max_name_width);
  return widest;
}

std::string TextTable::str() const {
  const std::vector<std::size_t> widest = widths();
  const std::size_t total =
      std::accumulate(widest.begin(), widest.end(), std::size_t{0}) + gap * (widest.size() - 1);
  std::string text;
  for (const auto& row : rows_) {
    if (row.empty()) {
      text += std::string(total, '-') + "\n";
      continue;
    }
    text += fmt::format("{:<{}.{}}", row.front(), widest.front(), widest.front());
    for (std::size_t column = 1; column < row.size(); ++column) {
      text += fmt::format("{:>{}}", row[column], widest[column] + gap);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

}  // namespace lacuna

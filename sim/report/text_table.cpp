#include "sim/report/text_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace lacuna {
namespace {

constexpr std::size_t gap = 2;

/// Bytes of the letter with which a text begins; a byte that begins none stands alone.
std::size_t letter_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t announced = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::size_t bytes = 1;
  while (bytes < announced && bytes < text.size() &&
         (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) {
    ++bytes;
  }
  return bytes;
}

}  // namespace

/// {fmt} pads by estimated columns, so that what it adds to a text tells the text's width. No letter is wider
/// than its bytes.
std::size_t display_width(std::string_view text) {
  return 2 * text.size() - fmt::formatted_size("{:<{}}", text, text.size());
}

std::string_view cut_to_width(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const std::string_view letter = text.substr(bytes, letter_bytes(text.substr(bytes)));
    const std::size_t width = display_width(letter);
    if (width > columns) {
      break;
    }
    columns -= width;
    bytes += letter.size();
  }
  return text.substr(0, bytes);
}

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
      widest[column] = std::max(widest[column], display_width(row[column]));
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
    text += fmt::format("{:<{}}", cut_to_width(row.front(), widest.front()), widest.front());
    for (std::size_t column = 1; column < row.size(); ++column) {
      text += fmt::format("{:>{}}", row[column], widest[column] + gap);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
  }
  return text;
}

}  // namespace lacuna

#include "sim/data/import/matrix_market.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

/// Reads numbers out of a text file's bytes, knowing the line for messages. Numbers are separated by blanks,
/// tabs, line ends and, where `commas` is set, commas.
class TextNumbers {
 public:
  TextNumbers(const std::vector<unsigned char>& bytes, const std::string& path, bool commas);

  /// The rest of the present line, without its end.
  std::string_view line();
  /// Skips lines that start with `mark` or are empty.
  void skip_comments(char mark);
  /// A whole number 0 to `most`. Throws InputDataError, also at the end of the file.
  std::uint64_t whole(std::uint64_t most, const char* what);
  /// A decimal number that float32 can hold. Throws InputDataError.
  float real(const char* what);
  /// Whether nothing but separators is left.
  bool at_end();
  /// Throws InputDataError with file and line.
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;

 private:
  bool is_separator(char c) const;
  void skip_separators();
  std::string_view token(const char* what);

  const std::string& path_;
  std::string_view text_;
  bool commas_;
  std::size_t position_ = 0;
  int line_ = 1;
};

TextNumbers::TextNumbers(const std::vector<unsigned char>& bytes, const std::string& path, bool commas)
    : path_(path), text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), commas_(commas) {}

void TextNumbers::fail(const std::string& wrong, const std::string& allowed) const {
  throw InputDataError({path_, line_, ""}, wrong, allowed);
}

std::string_view TextNumbers::line() {
  const std::size_t end = std::min(text_.find('\n', position_), text_.size());
  std::string_view found = text_.substr(position_, end - position_);
  position_ = std::min(end + 1, text_.size());
  ++line_;
  if (!found.empty() && found.back() == '\r') {
    found.remove_suffix(1);
  }
  return found;
}

void TextNumbers::skip_comments(char mark) {
  while (position_ < text_.size() &&
         (text_[position_] == mark || text_[position_] == '\n' || text_[position_] == '\r')) {
    line();
  }
}

bool TextNumbers::is_separator(char c) const {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || (commas_ && c == ',');
}

void TextNumbers::skip_separators() {
  while (position_ < text_.size() && is_separator(text_[position_])) {
    line_ += text_[position_] == '\n' ? 1 : 0;
    ++position_;
  }
}

bool TextNumbers::at_end() {
  skip_separators();
  return position_ == text_.size();
}

std::string_view TextNumbers::token(const char* what) {
  if (at_end()) {
    fail(std::string("ends where ") + what + " should stand", "a complete file");
  }
  const std::size_t start = position_;
  while (position_ < text_.size() && !is_separator(text_[position_])) {
    ++position_;
  }
  return text_.substr(start, position_ - start);
}

std::uint64_t TextNumbers::whole(std::uint64_t most, const char* what) {
  const std::string_view word = token(what);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value > most) {
    fail(std::string(what) + " is \"" + std::string(word.substr(0, 32)) + "\"",
         "a whole number from 0 to " + std::to_string(most));
  }
  return value;
}

float TextNumbers::real(const char* what) {
  std::string_view word = token(what);
  const std::string_view whole_word = word;
  if (!word.empty() && word.front() == '+') {
    word.remove_prefix(1);
  }
  double value = 0.0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const auto narrow = static_cast<float>(value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(narrow)) {
    fail(std::string(what) + " is \"" + std::string(whole_word.substr(0, 32)) + "\"",
         "a finite number that float32 can hold");
  }
  return narrow;
}

constexpr std::uint64_t max_text_bytes = std::uint64_t{4} << 30;

/// What the first line says.
struct Header {
  bool coordinate = true;
  bool pattern = false;
  bool symmetric = false;  ///< skew-symmetric too
  bool skew = false;
};

std::string lower(std::string_view text) {
  std::string result(text.substr(0, 256));
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

/// The word's position among `known`, or an error that names it.
std::size_t known_word(const TextNumbers& numbers, const std::string& word,
                       const std::vector<std::string>& known) {
  const auto found = std::find(known.begin(), known.end(), word);
  if (found == known.end()) {
    std::string all;
    for (const std::string& each : known) {
      all += (all.empty() ? "" : ", ") + each;
    }
    numbers.fail("\"" + word + "\" is not supported", all);
  }
  return static_cast<std::size_t>(found - known.begin());
}

Header read_header(TextNumbers& numbers) {
  std::istringstream line(lower(numbers.line()));
  std::string banner;
  std::string object;
  std::string format;
  std::string field;
  std::string symmetry;
  line >> banner >> object >> format >> field >> symmetry;
  if (banner != "%%matrixmarket" || object != "matrix") {
    numbers.fail("is not a Matrix Market matrix", "a first line %%MatrixMarket matrix ...");
  }
  Header header;
  header.coordinate = known_word(numbers, format, {"coordinate", "array"}) == 0;
  header.pattern = known_word(numbers, field, {"real", "double", "integer", "pattern"}) == 3;
  const std::size_t kind = known_word(numbers, symmetry, {"general", "symmetric", "skew-symmetric"});
  header.symmetric = kind > 0;
  header.skew = kind == 2;
  if (header.pattern && !header.coordinate) {
    numbers.fail("an array of positions", "coordinate pattern");
  }
  return header;
}

/// Collects entries, and their mirror images where the file holds one half.
class EntryList {
 public:
  EntryList(const Header& header, const TextNumbers& numbers) : header_(header), numbers_(numbers) {}

  void add(std::uint64_t row, std::uint64_t column, float value) {
    const auto r = static_cast<std::uint32_t>(row);
    const auto c = static_cast<std::uint32_t>(column);
    if (header_.symmetric && (c > r || (header_.skew && c == r))) {
      numbers_.fail("an entry above the diagonal (or on a skew-symmetric one)", "the lower half only");
    }
    entries_.push_back({r, c, value});
    if (header_.symmetric && r != c) {
      entries_.push_back({c, r, header_.skew ? -value : value});
    }
  }
  std::vector<SparseEntry> take() { return std::move(entries_); }

 private:
  const Header& header_;
  const TextNumbers& numbers_;
  std::vector<SparseEntry> entries_;
};

void read_coordinates(TextNumbers& numbers, const Header& header, std::uint64_t rows, std::uint64_t columns,
                      EntryList& list) {
  const std::uint64_t count = numbers.whole(std::uint64_t{1} << 40, "the number of entries");
  for (std::uint64_t i = 0; i < count; ++i) {  // ends with the file at the latest
    const std::uint64_t row = numbers.whole(rows, "a row");
    const std::uint64_t column = numbers.whole(columns, "a column");
    if (row == 0 || column == 0) {
      numbers.fail("an entry in row or column 0", "rows and columns from 1");
    }
    list.add(row - 1, column - 1, header.pattern ? 1.0F : numbers.real("a value"));
  }
}

/// Column after column; of symmetric matrices the lower half.
void read_array(TextNumbers& numbers, const Header& header, std::uint64_t rows, std::uint64_t columns,
                EntryList& list) {
  for (std::uint64_t column = 0; column < columns; ++column) {
    std::uint64_t row = header.symmetric ? column + (header.skew ? 1 : 0) : 0;
    for (; row < rows; ++row) {
      list.add(row, column, numbers.real("a value"));
    }
  }
}

}  // namespace

SparseMatrix read_matrix_market(const std::string& path) {
  const std::vector<unsigned char> bytes = read_bytes(path, max_text_bytes);
  TextNumbers numbers(bytes, path, false);
  const Header header = read_header(numbers);
  numbers.skip_comments('%');
  const std::uint64_t rows = numbers.whole(max_sparse_dimension, "the number of rows");
  const std::uint64_t columns = numbers.whole(max_sparse_dimension, "the number of columns");
  check_sparse_shape(rows, columns, path);
  if (header.symmetric && rows != columns) {
    numbers.fail("a symmetric matrix that is not square", "as many rows as columns");
  }
  EntryList list(header, numbers);
  if (header.coordinate) {
    read_coordinates(numbers, header, rows, columns, list);
  } else {
    read_array(numbers, header, rows, columns, list);
  }
  if (!numbers.at_end()) {
    numbers.fail("more follows the last entry", "as many entries as the header says");
  }
  SparseMatrix matrix =
      make_sparse(static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(columns), list.take(), path);
  matrix.has_values = !header.pattern;
  return matrix;
}

SparseMatrix read_smtx(const std::string& path) {
  const std::vector<unsigned char> bytes = read_bytes(path, max_text_bytes);
  TextNumbers numbers(bytes, path, true);
  const std::uint64_t rows = numbers.whole(max_sparse_dimension, "the number of rows");
  const std::uint64_t columns = numbers.whole(max_sparse_dimension, "the number of columns");
  check_sparse_shape(rows, columns, path);
  const std::uint64_t count = numbers.whole(rows * columns, "the number of nonzeros");
  std::vector<std::uint64_t> offsets;
  for (std::uint64_t row = 0; row <= rows; ++row) {
    offsets.push_back(numbers.whole(count, "a row offset"));
    if (row == 0 ? offsets[0] != 0 : offsets[row] < offsets[row - 1]) {
      numbers.fail("the row offsets do not ascend from 0", "ascending offsets");
    }
  }
  if (offsets.back() != count) {
    numbers.fail("the last row offset is " + std::to_string(offsets.back()),
                 "the number of nonzeros, " + std::to_string(count));
  }
  std::vector<SparseEntry> entries;
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint64_t i = offsets[row]; i < offsets[row + 1U]; ++i) {
      entries.push_back({row, static_cast<std::uint32_t>(numbers.whole(columns - 1, "a column")), 1.0F});
    }
  }
  if (!numbers.at_end()) {
    numbers.fail("more follows the last column", "as many columns as the first line says");
  }
  SparseMatrix matrix = make_sparse(static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(columns),
                                    std::move(entries), path);
  matrix.has_values = false;
  return matrix;
}

}  // namespace lacuna

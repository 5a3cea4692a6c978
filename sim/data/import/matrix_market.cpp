#include "sim/data/import/matrix_market.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "models/common/exact_float.h"
#include "models/common/text.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// Reads numbers out of a text file's bytes, knowing the line for messages. Numbers are separated by blanks,
/// tabs, line ends and, where `commas` is set, commas; what follows `comment` on a line is skipped.
class TextNumbers {
 public:
  TextNumbers(const std::vector<unsigned char>& bytes, const std::string& path, bool commas, char comment)
      : path_(path),
        text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
        commas_(commas),
        comment_(comment) {}

  /// The rest of the present line, without its end. Messages name this line until something else is read.
  std::string_view line();
  /// A whole number 0 to `most`. Throws InputDataError, also at the end of the file.
  std::uint64_t whole(std::uint64_t most, const char* what);
  /// An integer that float32 can hold. Throws InputDataError.
  double integer(const char* what);
  /// A decimal number whose magnitude float32 can hold, with an exponent as C or Fortran write it; the
  /// smallest double where it is less than that. Throws InputDataError.
  double real(const char* what);
  /// Whether nothing but separators and comments is left.
  bool at_end();
  /// Whether nothing but blanks and a comment is left on the present line.
  bool at_line_end();
  /// Throws InputDataError with file and line.
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;

 private:
  bool is_separator(char c) const { return is_blank(c) || c == '\n' || (commas_ && c == ','); }
  void skip_comment();
  std::string_view token(const char* what);
  [[noreturn]] void fail_word(const char* what, std::string_view word, const std::string& allowed) const {
    fail(std::string(what) + " is \"" + cut(word, 32) + "\"", allowed);
  }

  const std::string& path_;
  std::string_view text_;
  bool commas_;
  char comment_;  ///< 0: there are none
  std::size_t position_ = 0;
  int line_ = 1;
  int ended_lines_ = 0;  ///< by `line`, not yet left
};

void TextNumbers::fail(const std::string& wrong, const std::string& allowed) const {
  throw InputDataError({path_, line_, ""}, wrong, allowed);
}

std::string_view TextNumbers::line() {
  line_ += std::exchange(ended_lines_, 1);
  const std::size_t end = std::min(text_.find('\n', position_), text_.size());
  std::string_view found = text_.substr(position_, end - position_);
  position_ = std::min(end + 1, text_.size());
  if (!found.empty() && found.back() == '\r') {
    found.remove_suffix(1);
  }
  return found;
}

void TextNumbers::skip_comment() {
  position_ = std::min(text_.find('\n', position_), text_.size());
}

bool TextNumbers::at_end() {
  line_ += std::exchange(ended_lines_, 0);
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (comment_ != 0 && c == comment_) {
      skip_comment();
    } else if (is_separator(c)) {
      line_ += c == '\n' ? 1 : 0;
      ++position_;
    } else {
      return false;
    }
  }
  return true;
}

bool TextNumbers::at_line_end() {
  while (position_ < text_.size() && is_blank(text_[position_])) {
    ++position_;
  }
  return position_ == text_.size() || text_[position_] == '\n' ||
         (comment_ != 0 && text_[position_] == comment_);
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

std::string_view without_plus(std::string_view word) {
  if (word.size() > 1 && word[0] == '+' && word[1] != '-') {
    word.remove_prefix(1);
  }
  return word;
}

std::uint64_t TextNumbers::whole(std::uint64_t most, const char* what) {
  const std::string_view word = token(what);
  const std::string_view digits = without_plus(word);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value > most) {
    fail_word(what, word, "a whole number from 0 to " + std::to_string(most));
  }
  return value;
}

double TextNumbers::integer(const char* what) {
  const std::string_view word = token(what);
  const std::string_view digits = without_plus(word);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    fail_word(what, word, "an integer, as the header says");
  }
  const std::optional<float> exact = error == std::errc() ? exact_float(value) : std::nullopt;
  if (!exact) {
    fail_word(what, word, exact_integers);
  }
  return static_cast<double>(*exact);
}

/// A number too small for a double.
bool is_underflow(const std::string& number) {
  const std::size_t exponent = number.find('e');
  if (exponent == std::string::npos) {
    const char first = number[number[0] == '-' ? 1 : 0];
    return first == '0' || first == '.';
  }
  return exponent + 1 < number.size() && number[exponent + 1] == '-';
}

double TextNumbers::real(const char* what) {
  const std::string_view word = token(what);
  std::string number(without_plus(word));
  std::replace_if(
      number.begin(), number.end(), [](char c) { return c == 'E' || c == 'D' || c == 'd'; }, 'e');
  double value = 0.0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool whole_word = end == number.data() + number.size();
  if (error == std::errc::result_out_of_range && whole_word && is_underflow(number)) {
    // Not 0, so that it counts as one that vanishes in float32.
    return std::copysign(std::numeric_limits<double>::denorm_min(), number[0] == '-' ? -1.0 : 1.0);
  }
  if (error != std::errc() || !whole_word || !std::isfinite(static_cast<float>(value))) {
    fail_word(what, word, "a finite number that float32 can hold");
  }
  return value;
}

constexpr std::uint64_t max_text_bytes = std::uint64_t{4} << 30;

/// What the first line says.
struct Header {
  bool coordinate = true;
  bool pattern = false;
  bool integer = false;
  bool symmetric = false;  ///< skew-symmetric too
  bool skew = false;
};

std::string lower(std::string_view text) {
  std::string result(cut(text, 256));
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
    numbers.fail("\"" + cut(word, 64) + "\" is not supported", all);
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
  const std::size_t field_number =
      known_word(numbers, field, {"real", "double", "integer", "unsigned-integer", "pattern"});
  header.integer = field_number == 2 || field_number == 3;
  header.pattern = field_number == 4;
  // Of real numbers, Hermitian is symmetric.
  const std::size_t kind =
      known_word(numbers, symmetry, {"general", "symmetric", "hermitian", "skew-symmetric"});
  header.symmetric = kind > 0;
  header.skew = kind == 3;
  if (header.pattern && !header.coordinate) {
    numbers.fail("an array of positions", "coordinate pattern");
  }
  return header;
}

/// Collects entries, and their mirror images where the file holds one half.
class EntryList {
 public:
  EntryList(const Header& header, const TextNumbers& numbers) : header_(header), numbers_(numbers) {}

  void add(std::uint64_t row, std::uint64_t column, double value) {
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

double read_value(TextNumbers& numbers, const Header& header) {
  return header.integer ? numbers.integer("a value") : numbers.real("a value");
}

/// An entry a line.
void read_coordinates(TextNumbers& numbers, const Header& header, std::uint64_t rows, std::uint64_t columns,
                      EntryList& list) {
  const std::uint64_t count = numbers.whole(std::uint64_t{1} << 40, "the number of entries");
  const auto same_line = [&](const char* missing) {
    if (numbers.at_line_end()) {
      numbers.fail(std::string("the line ends where ") + missing + " should stand",
                   header.pattern ? "row and column" : "row, column and value");
    }
  };
  for (std::uint64_t i = 0; i < count; ++i) {  // ends with the file at the latest
    const std::uint64_t row = numbers.whole(rows, "a row");
    same_line("a column");
    const std::uint64_t column = numbers.whole(columns, "a column");
    if (row == 0 || column == 0) {
      numbers.fail("an entry in row or column 0", "rows and columns from 1");
    }
    double value = 1.0;
    if (!header.pattern) {
      same_line("a value");
      value = read_value(numbers, header);
    }
    list.add(row - 1, column - 1, value);
    if (!numbers.at_line_end()) {
      numbers.fail("more stands on the line of an entry",
                   header.pattern ? "row and column" : "row, column and value");
    }
  }
}

/// Column after column; of symmetric matrices the lower half.
void read_array(TextNumbers& numbers, const Header& header, std::uint64_t rows, std::uint64_t columns,
                EntryList& list) {
  for (std::uint64_t column = 0; column < columns; ++column) {
    std::uint64_t row = header.symmetric ? column + (header.skew ? 1 : 0) : 0;
    for (; row < rows; ++row) {
      list.add(row, column, read_value(numbers, header));
    }
  }
}

void check_shape(const TextNumbers& numbers, std::uint64_t rows, std::uint64_t columns) {
  if (rows < 1 || columns < 1) {
    numbers.fail("a matrix of " + std::to_string(rows) + " x " + std::to_string(columns),
                 "1 to " + std::to_string(max_sparse_dimension) + " rows and columns");
  }
}

}  // namespace

SparseMatrix read_matrix_market(const std::string& path) {
  const std::vector<unsigned char> bytes = read_bytes_unpacked(path, max_text_bytes);
  TextNumbers numbers(bytes, path, false, '%');
  const Header header = read_header(numbers);
  const std::uint64_t rows = numbers.whole(max_sparse_dimension, "the number of rows");
  const std::uint64_t columns = numbers.whole(max_sparse_dimension, "the number of columns");
  check_shape(numbers, rows, columns);
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
      make_sparse(static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(columns), list.take(),
                  header.pattern   ? Addition::booleans
                  : header.integer ? Addition::integers
                                   : Addition::reals,
                  path);
  matrix.has_values = !header.pattern;
  return matrix;
}

SparseMatrix read_smtx(const std::string& path) {
  const std::vector<unsigned char> bytes = read_bytes_unpacked(path, max_text_bytes);
  TextNumbers numbers(bytes, path, true, '\0');
  const std::uint64_t rows = numbers.whole(max_sparse_dimension, "the number of rows");
  const std::uint64_t columns = numbers.whole(max_sparse_dimension, "the number of columns");
  check_shape(numbers, rows, columns);
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
      entries.push_back({row, static_cast<std::uint32_t>(numbers.whole(columns - 1, "a column")), 1.0});
    }
  }
  if (!numbers.at_end()) {
    numbers.fail("more follows the last column", "as many columns as the first line says");
  }
  SparseMatrix matrix = make_sparse(static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(columns),
                                    std::move(entries), Addition::booleans, path);
  if (matrix.added_entries > 0) {
    numbers.fail(std::to_string(matrix.added_entries) + " of two entries at one place", "each place once");
  }
  matrix.has_values = false;
  return matrix;
}

}  // namespace lacuna

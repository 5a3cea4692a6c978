#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

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

}  // namespace lacuna

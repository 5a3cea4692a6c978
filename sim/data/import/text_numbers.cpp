#include "sim/data/import/text_numbers.h"

#include <charconv>
#include <cmath>

#include "models/common/error.h"

namespace lacuna {

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

}  // namespace lacuna

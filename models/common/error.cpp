#include "models/common/error.h"

namespace lacuna {
namespace {

std::string one_line(const ErrorPlace& place, const std::string& wrong, const std::string& allowed) {
  std::string text;
  if (!place.file.empty()) {
    text += place.file;
    if (place.line > 0) {
      text += ":" + std::to_string(place.line);
    }
    text += ": ";
  }
  if (!place.key.empty()) {
    text += place.key + ": ";
  }
  text += wrong;
  if (!allowed.empty()) {
    text += "; " + allowed;
  }
  for (char& c : text) {
    if (c == '\n' || c == '\r') {
      c = ' ';
    }
  }
  return text;
}

}  // namespace

Error::Error(const ErrorPlace& place, const std::string& wrong, const std::string& allowed)
    : std::runtime_error(one_line(place, wrong, allowed)) {}

}  // namespace lacuna

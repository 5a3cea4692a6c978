#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lacuna {

/// SHA-256 of a file's bytes, 64 lower-case hexadecimal digits. Throws InputDataError when it cannot be read.
std::string sha256_file(const std::string& path);

/// SHA-256 of `size` bytes, 64 lower-case hexadecimal digits.
std::string sha256_bytes(const void* data, std::size_t size);

/// The same of a text's bytes.
inline std::string sha256_text(std::string_view text) {
  return sha256_bytes(text.data(), text.size());
}

}  // namespace lacuna

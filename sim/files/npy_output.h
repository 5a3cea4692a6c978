#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lacuna {

/// Files of the format .npy, version 1.0, little-endian, C order (source: NumPy enhancement proposal 1).
std::string npy_of(const std::vector<double>& values, const std::vector<std::size_t>& shape);
std::string npy_of(const std::vector<std::int64_t>& values, const std::vector<std::size_t>& shape);
/// A text without dimensions; UTF-8 that is not valid is replaced.
std::string npy_of(const std::string& text);

/// Writes a .npz archive, uncompressed, of named arrays in the order given: names without ".npy", each once.
/// The same arrays give the same bytes. The file appears by rename. Throws InputDataError when it cannot be
/// written.
void write_npz(const std::string& path, const std::vector<std::pair<std::string, std::string>>& arrays);

}  // namespace lacuna

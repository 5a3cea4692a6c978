#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/data_folder.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {

using Bytes = std::vector<char>;

inline Bytes read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Writes a new file. (An old one goes first: some file systems wait for the disk when a file is cut to
/// nothing.)
inline void write_all(const std::string& path, const Bytes& bytes) {
  std::filesystem::remove(path);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The message of the error of type E that `act` throws; empty when it throws none.
template <class E, class Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const E& error) {
    return error.what();
  }
  return {};
}

}  // namespace lacuna::test

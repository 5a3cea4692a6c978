#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "tests/file_bytes.h"

namespace lacuna::test {

/// The bytes of a version 1.0 `.npy` file with this dictionary and data.
inline Bytes npy_bytes(const std::string& dictionary, const Bytes& data) {
  Bytes bytes = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
  std::string text = dictionary;
  text.resize((bytes.size() + 2 + text.size()) / 64 * 64 + 64 - bytes.size() - 2, ' ');
  text.back() = '\n';
  bytes.push_back(static_cast<char>(text.size() & 255));
  bytes.push_back(static_cast<char>(text.size() >> 8));
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

/// Memory of the values (tests run on little-endian machines).
template <class T>
Bytes memory_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!bytes.empty()) {
    std::memcpy(bytes.data(), values.data(), bytes.size());
  }
  return bytes;
}

/// Writes values with NumPy type `type` (such as <f4) and shape (such as "(2, 3)").
template <class T>
void write_npy(const std::string& path, const std::string& type, const std::string& shape,
               const std::vector<T>& values, bool fortran_order = false) {
  const std::string order = fortran_order ? "True" : "False";
  write_all(path,
            npy_bytes("{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }",
                      memory_of(values)));
}

}  // namespace lacuna::test

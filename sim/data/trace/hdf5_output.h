#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/trace/compression.h"
#include "sim/data/trace/hdf5_handle.h"

namespace lacuna::hdf5 {

/// An HDF5 file being written, without time stamps: the same calls give the same bytes. Metadata and chunks
/// carry checksums, so that damage is found when the file is read. All functions throw InputDataError.
class OutputFile {
 public:
  /// `temporary_path` is created or overwritten; errors name `path`.
  OutputFile(const std::string& temporary_path, const std::string& path, TraceCompression compression);

  void group(const std::string& name);
  void dataset(const std::string& name, const std::vector<std::uint8_t>& values);
  void dataset(const std::string& name, const std::vector<std::uint16_t>& values);
  void dataset(const std::string& name, const std::vector<std::int32_t>& values);
  void dataset(const std::string& name, const std::vector<std::int64_t>& values);
  void dataset(const std::string& name, const std::vector<float>& values);
  /// rows x columns values in C order.
  void dataset(const std::string& name, const std::vector<float>& values, std::uint64_t rows,
               std::uint64_t columns);

  void attribute(const std::string& object, const std::string& name, std::int32_t value);
  void attribute(const std::string& object, const std::string& name, const std::string& value);

  void close();

 private:
  void require(bool done, const std::string& key) const;
  void write(const std::string& name, const std::vector<hsize_t>& dimensions, hid_t file_type,
             hid_t memory_type, const void* values);
  void write_attribute(const std::string& object, const std::string& name, hid_t file_type, hid_t memory_type,
                       const void* value);

  SilentErrors silent_;
  std::string path_;
  TraceCompression compression_;
  Handle file_;
};

}  // namespace lacuna::hdf5

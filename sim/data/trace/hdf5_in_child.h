#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/data/trace/hdf5_input.h"

namespace lacuna::hdf5 {

/// Opens a file of any format in a child process, calls `read` there, and returns its bytes. HDF5 1.10 can
/// crash, hang or ask for all memory on damaged metadata without checksums: then the child ends, and an
/// InputDataError says that the file is damaged. Its processor time and memory are bounded by the file's
/// size. InputDataErrors of `read` are thrown here. The calling process must have no other threads that use
/// HDF5.
std::string read_in_child(const std::string& path, const std::function<std::string(const InputFile&)>& read);

/// Reads what a ByteWriter wrote in a child whose memory may have been damaged: every length is checked.
class CheckedReader {
 public:
  /// Both must outlive this; `path` is for messages.
  CheckedReader(const std::string& bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  template <class T>
  T get() {
    T value{};
    take(&value, sizeof(T));
    return value;
  }
  template <class Container>
  void get_all(Container& values) {
    constexpr std::size_t size = sizeof(typename Container::value_type);
    const auto count = get<std::uint64_t>();
    check(count <= (bytes_.size() - next_) / size);
    values.resize(count);
    take(values.data(), count * size);
  }
  void finish() const { check(next_ == bytes_.size()); }

 private:
  void check(bool fits) const;
  void take(void* to, std::size_t count);

  const std::string& bytes_;
  const std::string& path_;
  std::size_t next_ = 0;
};

}  // namespace lacuna::hdf5

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/data/trace/hdf5_handle.h"

namespace lacuna::hdf5 {

/// What a dataset holds; text, compounds and the like are never taken.
enum class Kind {
  integer,
  boolean,   ///< as h5py writes it: an enumeration of FALSE = 0 and TRUE = 1 in 8 bits
  real,      ///< float32 or float64
  any_real,  ///< of any format up to 64 bits
};

/// A numeric dataset of a file that nobody vouches for. The constructor checks type, rank, layout, filters
/// and that its size can really be in the file, before anything of that size is allocated; it throws
/// InputDataError.
class Dataset {
 public:
  /// Limits against files that claim more than they hold (docs/file-formats.md).
  static constexpr std::uint64_t max_chunk_bytes = std::uint64_t{16} << 20;
  static constexpr std::uint64_t max_bytes = std::uint64_t{16} << 30;
  static constexpr std::uint64_t max_deflate_expansion =
      1032;  ///< deflate cannot do better (zlib's documentation)

  /// Without a rank, any.
  Dataset(hid_t file, const std::string& path, std::uint64_t file_bytes, const std::string& name, Kind kind,
          std::optional<int> rank);

  /// Whether the dataset of that name, which is there, holds integers.
  static bool holds_integers(hid_t file, const std::string& name);

  /// Whether the dataset of that name, which is there, holds booleans.
  static bool holds_booleans(hid_t file, const std::string& name);

  const std::vector<hsize_t>& dimensions() const { return dimensions_; }
  std::uint64_t elements() const { return elements_; }

  /// Reads all elements as float32 in C order.
  std::vector<float> floats() const;

  /// Reads all elements as float32 in C order, and counts those that are not 0 and too small for it.
  std::pair<std::vector<float>, std::uint64_t> narrowed() const;

  /// Reads all elements of an integer or boolean dataset as int64 in C order (values above its range arrive
  /// as its maximum).
  std::vector<std::int64_t> integers() const;

  /// Reads an integer dataset of rank 1 block by block, in its own type: `take` is called with a pointer to
  /// integers of that type, in this machine's byte order, and their number.
  template <class Take>
  void for_each_block(Take&& take) const;

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;
  void check_type(Kind kind) const;
  std::uint64_t check_dimensions(std::optional<int> rank);
  void check_storage(std::uint64_t bytes, std::uint64_t file_bytes) const;
  void check_filters(hid_t creation) const;
  bool is_signed() const;
  std::size_t element_bytes() const;
  void read_block(hsize_t start, hsize_t count, hid_t memory_type, void* values) const;
  template <class Integer, class Take>
  void for_each_block_of(hid_t memory_type, Take&& take) const;

  std::string path_;
  std::string name_;
  Handle id_;
  std::vector<hsize_t> dimensions_;
  std::uint64_t elements_ = 0;
};

template <class Integer, class Take>
void Dataset::for_each_block_of(hid_t memory_type, Take&& take) const {
  constexpr hsize_t block_elements = hsize_t{1} << 16;  // chunks that Lacuna writes; stays in a cache
  std::vector<Integer> block(std::min<hsize_t>(elements_, block_elements));
  for (hsize_t start = 0; start < elements_; start += block_elements) {
    const hsize_t count = std::min<hsize_t>(block_elements, elements_ - start);
    read_block(start, count, memory_type, block.data());
    take(static_cast<const Integer*>(block.data()), static_cast<std::size_t>(count));
  }
}

template <class Take>
void Dataset::for_each_block(Take&& take) const {
  switch (element_bytes()) {
    case 1:
      return is_signed() ? for_each_block_of<std::int8_t>(H5T_NATIVE_INT8, take)
                         : for_each_block_of<std::uint8_t>(H5T_NATIVE_UINT8, take);
    case 2:
      return is_signed() ? for_each_block_of<std::int16_t>(H5T_NATIVE_INT16, take)
                         : for_each_block_of<std::uint16_t>(H5T_NATIVE_UINT16, take);
    case 4:
      return is_signed() ? for_each_block_of<std::int32_t>(H5T_NATIVE_INT32, take)
                         : for_each_block_of<std::uint32_t>(H5T_NATIVE_UINT32, take);
    default:
      return is_signed() ? for_each_block_of<std::int64_t>(H5T_NATIVE_INT64, take)
                         : for_each_block_of<std::uint64_t>(H5T_NATIVE_UINT64, take);
  }
}

}  // namespace lacuna::hdf5

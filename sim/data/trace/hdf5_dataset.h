#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/data/trace/hdf5_handle.h"

namespace lacuna::hdf5 {

/// What a dataset holds; text, compounds and the like are never taken.
enum class Kind {
  integer,
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

  const std::vector<hsize_t>& dimensions() const { return dimensions_; }
  std::uint64_t elements() const { return elements_; }

  /// Reads all elements as float32 in C order.
  std::vector<float> floats() const;

  /// Reads all elements of an integer dataset as int64 in C order (values above its range arrive as its
  /// maximum).
  std::vector<std::int64_t> integers() const;

  /// Reads a dataset of rank 1 block by block as int64 (values above its range arrive as its maximum).
  void for_each_block(const std::function<void(const std::int64_t*, std::size_t)>& take) const;

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;
  void check_type(Kind kind) const;
  std::uint64_t check_dimensions(std::optional<int> rank);
  void check_storage(std::uint64_t bytes, std::uint64_t file_bytes) const;
  void check_filters(hid_t creation) const;

  std::string path_;
  std::string name_;
  Handle id_;
  std::vector<hsize_t> dimensions_;
  std::uint64_t elements_ = 0;
};

}  // namespace lacuna::hdf5

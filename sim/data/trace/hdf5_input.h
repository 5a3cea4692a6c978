#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "models/common/large_pages.h"
#include "sim/data/trace/hdf5_dataset.h"
#include "sim/data/trace/hdf5_handle.h"

namespace lacuna::hdf5 {

/// Which files are opened.
enum class Metadata {
  checked,    ///< those in which all metadata carry checksums; texts of fixed length alone
  unchecked,  ///< all: HDF5 1.10 itself can crash on damaged ones (see `read_in_child`)
};

/// A file holds what only Metadata::unchecked reads.
struct NeedsUnchecked {};

/// A dataset of numbers of any rank, in C order.
struct NumberArray {
  std::vector<float> values;
  std::vector<hsize_t> dimensions;
  std::uint64_t vanished = 0;  ///< numbers that were too small for float32 and became 0
};

/// An HDF5 file opened for reading that nobody vouches for. All functions throw InputDataError naming the
/// file and the object. Only hard links are followed, so nothing outside the file is opened.
class InputFile {
 public:
  static constexpr std::size_t max_text_bytes = 16384;
  static constexpr std::uint64_t max_attributes = 256;

  /// With Metadata::checked, NeedsUnchecked is thrown here and wherever a text of variable length is met.
  explicit InputFile(const std::string& path, Metadata metadata = Metadata::checked);

  bool has(const std::string& object) const;

  /// All elements of an integer dataset of rank 1, each checked to lie in the range of T.
  template <class T>
  std::vector<T> integers(const std::string& name) const;

  /// A float dataset of the given rank, and its dimensions.
  std::pair<std::vector<float>, std::vector<hsize_t>> floats(const std::string& name, int rank) const;

  /// A dataset of floats, of integers that float32 can hold, or of booleans (as 0 and 1), of any rank.
  NumberArray tensor(const std::string& name) const;

  /// Names of the datasets of numbers in the file, at most `most`, in the order of their names.
  std::vector<std::string> dataset_names(std::size_t most) const;

  /// Attributes of an object ("/" for the file); absent when there is none of that name.
  std::optional<std::int64_t> integer_attribute(const std::string& object, const std::string& name) const;
  std::optional<std::string> text_attribute(const std::string& object, const std::string& name) const;
  std::map<std::string, std::string> text_attributes(const std::string& object) const;

  [[noreturn]] void fail(const std::string& key, const std::string& wrong, const std::string& allowed) const {
    throw InputDataError({path_, 0, key}, wrong, allowed);
  }

 private:
  Dataset dataset(const std::string& name, Kind kind, int rank) const;
  Handle attribute(const std::string& object, const std::string& name) const;
  std::string text(const Handle& attribute, const std::string& key) const;

  SilentErrors silent_;
  std::string checked_text(std::string value, const std::string& key) const;
  std::string variable_text(const Handle& attribute, const std::string& key) const;

  std::string path_;
  Metadata metadata_;
  std::uint64_t bytes_;
  Handle file_;
};

/// Whether a T holds `value`; the highest values of 64 bits are left out, as HDF5 gives them for all above.
template <class T, class Integer>
constexpr bool holds(Integer value) {
  constexpr std::uint64_t highest = sizeof(T) < 8 ? static_cast<std::uint64_t>(std::numeric_limits<T>::max())
                                                  : std::numeric_limits<std::int64_t>::max() - 1;
  if constexpr (std::numeric_limits<Integer>::is_signed) {
    if (value < 0) {
      return std::numeric_limits<T>::is_signed &&
             std::int64_t{value} >= static_cast<std::int64_t>(std::numeric_limits<T>::lowest());
    }
  }
  return static_cast<std::uint64_t>(value) <= highest;
}

template <class T>
std::vector<T> InputFile::integers(const std::string& name) const {
  const Dataset source = dataset(name, Kind::integer, 1);
  std::vector<T> values;
  reserve_large(values, source.elements());
  source.for_each_block([&](const auto* block, std::size_t count) {
    using Integer = std::remove_cv_t<std::remove_reference_t<decltype(*block)>>;
    bool all = true;
    for (std::size_t i = 0; i < count; ++i) {
      all &= holds<T>(block[i]);
    }
    if (!all) {
      const Integer* const wrong =
          std::find_if(block, block + count, [](Integer value) { return !holds<T>(value); });
      constexpr std::int64_t lowest =
          std::numeric_limits<T>::is_signed ? std::int64_t{std::numeric_limits<T>::lowest()} : 0;
      constexpr std::int64_t highest = sizeof(T) < 8
                                           ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                           : std::numeric_limits<std::int64_t>::max() - 1;
      fail(name,
           "element " + std::to_string(values.size() + static_cast<std::size_t>(wrong - block)) +
               " is out of range",
           std::to_string(lowest) + " to " + std::to_string(highest));
    }
    values.insert(values.end(), block, block + count);
  });
  return values;
}

}  // namespace lacuna::hdf5

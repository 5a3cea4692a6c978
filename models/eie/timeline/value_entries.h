#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/layer.h"

namespace lacuna::eie {

/// The real entries of a memory image, image column after image column: what its values depend on, without
/// padding and relative indices. Within a column they stand PE by PE; their order does not matter, for no two
/// of them have the same row. Five bytes an entry, and eight a column.
class ValueEntries {
 public:
  /// Throws InputDataError for an image with an entry beyond the rows of its batch.
  explicit ValueEntries(const MemoryImage& image);

  std::uint64_t begin_of(std::size_t image_column) const { return starts_[image_column]; }
  std::uint64_t end_of(std::size_t image_column) const { return starts_[image_column + 1]; }
  const std::uint32_t* rows() const { return rows_.data(); }  ///< row within its row batch
  const std::uint8_t* codes() const { return codes_.data(); }
  std::uint32_t largest_code() const { return largest_code_; }
  std::uint64_t bytes() const { return 8 * starts_.size() + 5 * rows_.size(); }

 private:
  void place(const MemoryImage& image, std::uint32_t pe, std::vector<std::uint64_t>& next);

  std::vector<std::uint64_t> starts_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint8_t> codes_;
  std::uint32_t largest_code_ = 0;
};

}  // namespace lacuna::eie

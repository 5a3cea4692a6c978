#include "models/eie/timeline/value_entries.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::eie {

ValueEntries::ValueEntries(const MemoryImage& image) : starts_(std::size_t{image.image_columns()} + 1, 0) {
  for (const PeMemory& memory : image.pes) {
    for (std::size_t column = 0; column + 1 < starts_.size(); ++column) {
      for (std::uint32_t e = memory.pointers[column]; e < memory.pointers[column + 1]; ++e) {
        starts_[column + 1] += memory.codes[e] != 0 ? 1U : 0U;
      }
    }
  }
  for (std::size_t column = 1; column < starts_.size(); ++column) {
    starts_[column] += starts_[column - 1];
  }
  rows_.resize(starts_.back());
  codes_.resize(starts_.back());
  std::vector<std::uint64_t> next(starts_.begin(), starts_.end() - 1);
  for (std::uint32_t pe = 0; pe < image.geometry.pe_count; ++pe) {
    place(image, pe, next);
  }
  for (const std::uint8_t code : codes_) {
    largest_code_ = std::max<std::uint32_t>(largest_code_, code);
  }
}

void ValueEntries::place(const MemoryImage& image, std::uint32_t pe, std::vector<std::uint64_t>& next) {
  const PeMemory& memory = image.pes[pe];
  const std::uint64_t per_batch = std::min(image.rows_per_batch(), image.rows);
  for (std::size_t column = 0; column < next.size(); ++column) {
    const std::uint64_t rows = std::min(per_batch, image.rows - column / image.columns * per_batch);
    std::uint64_t address = 0;
    for (std::uint32_t e = memory.pointers[column]; e < memory.pointers[column + 1]; ++e, ++address) {
      address += memory.zeros[e];
      if (memory.codes[e] == 0) {
        continue;
      }
      const std::uint64_t row = address * image.geometry.pe_count + pe;
      if (row >= rows) {
        throw InputDataError(
            {}, fmt::format("PE {} has an entry at address {} in image column {}", pe, address, column),
            fmt::format("the row batch has {} rows", rows));
      }
      const std::uint64_t to = next[column]++;
      rows_[to] = static_cast<std::uint32_t>(row);
      codes_[to] = memory.codes[e];
    }
  }
}

}  // namespace lacuna::eie

#include "sim/compress/relative_index.h"

#include <string>

#include "models/common/error.h"

namespace lacuna {

SparseCodes nonzero_codes(const std::vector<std::uint16_t>& dense) {
  SparseCodes sparse;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    if (dense[i] != 0) {
      sparse.positions.push_back(static_cast<std::uint32_t>(i));
      sparse.codes.push_back(dense[i]);
    }
  }
  return sparse;
}

RelativeEntries to_relative(const SparseCodes& sparse, unsigned index_bits) {
  const std::uint32_t largest_gap = (1U << index_bits) - 1;
  RelativeEntries entries;
  entries.codes.reserve(sparse.codes.size());
  entries.gaps.reserve(sparse.codes.size());
  std::uint32_t next = 0;  // first position behind the last entry
  for (std::size_t i = 0; i < sparse.codes.size(); ++i) {
    while (sparse.positions[i] - next > largest_gap) {
      entries.codes.push_back(0);
      entries.gaps.push_back(static_cast<std::uint16_t>(largest_gap));
      ++entries.padding;
      next += largest_gap + 1;
    }
    entries.codes.push_back(sparse.codes[i]);
    entries.gaps.push_back(static_cast<std::uint16_t>(sparse.positions[i] - next));
    next = sparse.positions[i] + 1;
  }
  return entries;
}

SparseCodes from_relative(const RelativeEntries& entries, unsigned index_bits, std::uint64_t weights) {
  const std::uint32_t largest_gap = (1U << index_bits) - 1;
  SparseCodes sparse;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < entries.codes.size(); ++i) {
    const std::uint64_t position = next + entries.gaps[i];
    if (position >= weights) {
      throw InputDataError({}, "entry " + std::to_string(i) + " lies at weight " + std::to_string(position),
                           "less than " + std::to_string(weights));
    }
    next = position + 1;
    if (entries.codes[i] != 0) {
      sparse.positions.push_back(static_cast<std::uint32_t>(position));
      sparse.codes.push_back(entries.codes[i]);
    } else if (entries.gaps[i] != largest_gap) {
      throw InputDataError(
          {},
          "entry " + std::to_string(i) + " has code 0 after " + std::to_string(entries.gaps[i]) + " zeros",
          std::to_string(largest_gap) + " zeros before a padding entry");
    }
  }
  return sparse;
}

}  // namespace lacuna

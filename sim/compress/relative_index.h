#pragma once

#include <cstdint>
#include <vector>

namespace lacuna {

/// The nonzero codes of a tensor in C order, each with its position.
struct SparseCodes {
  std::vector<std::uint32_t> positions;  ///< ascending
  std::vector<std::uint16_t> codes;      ///< none of them 0

  bool operator==(const SparseCodes& other) const {
    return positions == other.positions && codes == other.codes;
  }
};

/// Stored entries of a tensor: code, and zeros between the entry and the one before it (source: Han et al.,
/// Deep Compression, ICLR 2016, figure 2). More than 2^index_bits - 1 zeros: a padding entry of code 0 with
/// the largest gap, a zero itself. Zeros behind the last entry are not stored.
struct RelativeEntries {
  std::vector<std::uint16_t> codes;
  std::vector<std::uint16_t> gaps;
  std::uint64_t padding = 0;  ///< entries of code 0

  std::uint64_t size() const { return codes.size(); }
};

/// The nonzeros of dense codes in C order.
SparseCodes nonzero_codes(const std::vector<std::uint16_t>& dense);

/// Positions become gaps of `index_bits` (1 to 16).
RelativeEntries to_relative(const SparseCodes& sparse, unsigned index_bits);

/// The inverse. Throws InputDataError for an entry at or behind position `weights`, and for code 0 with
/// another gap than the largest.
SparseCodes from_relative(const RelativeEntries& entries, unsigned index_bits, std::uint64_t weights);

}  // namespace lacuna

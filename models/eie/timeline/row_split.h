#pragma once

#include <cstdint>
#include <variant>

namespace lacuna::eie {

/// Where a row of a row batch lies.
struct PeAddress {
  std::uint32_t pe;
  std::uint32_t address;
};

/// The same as one number that grows by 2^unit_bits from an address to the next, and the PE.
struct PePosition {
  std::uint32_t pe;
  std::uint32_t position;
};

/// row -> (row mod N, row / N), looked up. For addresses below 2^16.
struct TableSplit {
  const std::uint32_t* table;  ///< address * 2^16 + PE for each row
  static constexpr std::uint32_t unit_bits() { return 16; }
  PePosition position(std::uint32_t row) const { return {table[row] & 0xffffU, table[row]}; }
  PeAddress address(std::uint32_t row) const { return {table[row] & 0xffffU, table[row] >> 16}; }
};

/// The same for an N that is a power of two: the row itself is the position.
struct PowerOfTwoSplit {
  std::uint32_t mask;
  std::uint32_t shift;
  std::uint32_t unit_bits() const { return shift; }
  PePosition position(std::uint32_t row) const { return {row & mask, row}; }
  PeAddress address(std::uint32_t row) const { return {row & mask, row >> shift}; }
};

/// The same for any N up to 2^10 and rows below 2^31: with 2^l >= N and m = ceil(2^(31+l) / N) < 2^32,
/// row * m / 2^(31+l) exceeds row / N by less than 1/N (Granlund and Montgomery, PLDI 1994). Positions need
/// addresses below 2^16.
struct ReciprocalSplit {
  std::uint64_t reciprocal;
  std::uint32_t shift;
  std::uint32_t pe_count;
  static constexpr std::uint32_t unit_bits() { return 16; }
  PePosition position(std::uint32_t row) const {
    const PeAddress where = address(row);
    return {where.pe, (where.address << 16) + where.pe};
  }
  PeAddress address(std::uint32_t row) const {
    const auto address = static_cast<std::uint32_t>(row * reciprocal >> shift);
    return {row - address * pe_count, address};
  }
};

/// The same for everything else.
struct DivisionSplit {
  std::uint32_t pe_count;
  static constexpr std::uint32_t unit_bits() { return 16; }
  PePosition position(std::uint32_t row) const {
    return {row % pe_count, (row / pe_count << 16) + row % pe_count};
  }
  PeAddress address(std::uint32_t row) const { return {row % pe_count, row / pe_count}; }
};

using RowSplit = std::variant<TableSplit, PowerOfTwoSplit, ReciprocalSplit, DivisionSplit>;

constexpr bool is_power_of_two(std::uint32_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

/// Smallest l with 2^l >= n; n >= 1.
constexpr std::uint32_t ceil_log2(std::uint32_t n) {
  std::uint32_t l = 0;
  while ((std::uint64_t{1} << l) < n) {
    ++l;
  }
  return l;
}

constexpr ReciprocalSplit reciprocal_split(std::uint32_t n) {
  const std::uint32_t shift = 31 + ceil_log2(n);
  return {((std::uint64_t{1} << shift) + n - 1) / n, shift, n};
}

}  // namespace lacuna::eie

#pragma once

#include <cstdint>

namespace lacuna::eie {

/// Counting one PE's part of one column: the address behind the last entry, the real and the padding entries
/// so far. All zero at the start of a column. The packed kinds hold the three numbers in one word, so that an
/// entry costs one load and one store.
struct NarrowState {
  static constexpr std::uint64_t most_rows = 255;
  std::uint32_t word = 0;  ///< 16 bits address, 8 bits real, 8 bits padding

  /// Adds a real entry at `address` with the padding before it; z has `index_bits` bits.
  void add(std::uint32_t address, std::uint32_t index_bits) {
    const std::uint32_t zeros = address - (word & 0xffffU);
    word += zeros + 0x10001U + (zeros >> index_bits << 24);
  }
  /// Adds so many entries at once, the last of them just before `next_address`.
  void skip(std::uint32_t next_address, std::uint32_t real, std::uint32_t padding) {
    word = (word & 0xffff0000U) + next_address + (real << 16) + (padding << 24);
  }
  bool empty() const { return word == 0; }
  std::uint32_t next_address() const { return word & 0xffffU; }
  std::uint32_t padding() const { return word >> 24; }
  std::uint32_t entries() const { return (word >> 16 & 0xffU) + (word >> 24); }
};

struct MediumState {
  static constexpr std::uint64_t most_rows = 65535;
  std::uint64_t word = 0;  ///< 32 bits address, 16 bits real, 16 bits padding

  void add(std::uint32_t address, std::uint32_t index_bits) {
    const std::uint32_t zeros = address - static_cast<std::uint32_t>(word);
    word += zeros + 0x100000001U + (std::uint64_t{zeros >> index_bits} << 48);
  }
  void skip(std::uint32_t next_address, std::uint32_t real, std::uint32_t padding) {
    word = (word >> 32 << 32) + next_address + (std::uint64_t{real} << 32) + (std::uint64_t{padding} << 48);
  }
  bool empty() const { return word == 0; }
  std::uint32_t next_address() const { return static_cast<std::uint32_t>(word); }
  std::uint32_t padding() const { return static_cast<std::uint32_t>(word >> 48); }
  std::uint32_t entries() const { return static_cast<std::uint32_t>((word >> 32 & 0xffffU) + (word >> 48)); }
};

struct WideState {
  static constexpr std::uint64_t most_rows = 0xffffffffU;
  std::uint32_t next = 0;
  std::uint32_t real = 0;
  std::uint32_t pads = 0;

  void add(std::uint32_t address, std::uint32_t index_bits) {
    pads += (address - next) >> index_bits;
    ++real;
    next = address + 1;
  }
  void skip(std::uint32_t next_address, std::uint32_t more_real, std::uint32_t padding) {
    next = next_address;
    real += more_real;
    pads += padding;
  }
  bool empty() const { return real == 0; }
  std::uint32_t next_address() const { return next; }
  std::uint32_t padding() const { return pads; }
  std::uint32_t entries() const { return real + pads; }
};

}  // namespace lacuna::eie

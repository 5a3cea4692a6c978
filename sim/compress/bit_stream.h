#pragma once

#include <cstdint>
#include <vector>

namespace lacuna {

/// Bits packed into bytes, the first bit of a value at the highest free place of a byte (so that prefix codes
/// can be looked up by their leading bits).
class BitWriter {
 public:
  /// Appends the low `count` bits of `value`, most significant first; 0 <= count <= 57.
  void put(std::uint64_t value, unsigned count);
  /// Bits so far.
  std::uint64_t size() const { return 8 * bytes_.size() + pending_; }
  /// The bytes, the last one filled with zeros.
  std::vector<unsigned char> take();

 private:
  std::vector<unsigned char> bytes_;
  std::uint64_t buffer_ = 0;
  unsigned pending_ = 0;
};

/// Reads what `BitWriter` wrote. Behind the end it delivers zeros; `overrun` tells.
class BitReader {
 public:
  BitReader(const unsigned char* bytes, std::uint64_t byte_count) : bytes_(bytes), byte_count_(byte_count) {}

  /// The next `count` bits without taking them; 0 <= count <= 57.
  std::uint64_t peek(unsigned count);
  /// Takes `count` bits that were peeked at.
  void skip(unsigned count);
  std::uint64_t take(unsigned count) {
    const std::uint64_t value = peek(count);
    skip(count);
    return value;
  }
  /// Bits taken so far.
  std::uint64_t position() const { return position_; }
  /// Whether more bits were taken than there are.
  bool overrun() const { return position_ > 8 * byte_count_; }

 private:
  void fill();

  const unsigned char* bytes_;
  std::uint64_t byte_count_;
  std::uint64_t next_byte_ = 0;
  std::uint64_t buffer_ = 0;  ///< the next bits, from the highest place
  unsigned available_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace lacuna

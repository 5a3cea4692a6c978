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

/// Longest code that is made or read; enough for any counts that add up to less than 2^32.
inline constexpr unsigned max_code_length = 48;

/// How often each of `symbol_count` symbols occurs in `symbols`, all of which are less.
std::vector<std::uint64_t> count_symbols(const std::vector<std::uint16_t>& symbols, std::size_t symbol_count);

/// Lengths of an optimal prefix code (source: Huffman, Proc. IRE 40, 1952), 0 for symbols that do not occur;
/// a single symbol gets one bit. Among equal counts the symbol or subtree that was made first is merged
/// first, which makes the code unique and the longest length the least possible. The counts add up to less
/// than 2^32.
std::vector<std::uint8_t> huffman_lengths(const std::vector<std::uint64_t>& counts);

/// Bits that `counts` symbols take with these lengths.
std::uint64_t coded_bits(const std::vector<std::uint64_t>& counts, const std::vector<std::uint8_t>& lengths);

/// Shannon entropy of the counts in bits, all symbols together: no code of single symbols takes less.
double entropy_bits(const std::vector<std::uint64_t>& counts);

/// The canonical code of given lengths: shorter codes first, equal lengths by symbol.
class PrefixCode {
 public:
  /// Throws InputDataError unless the lengths are those of a complete prefix code (Kraft's sum is one) of at
  /// most `max_code_length` bits, or one symbol of length one.
  explicit PrefixCode(const std::vector<std::uint8_t>& lengths);

  void write(BitWriter& writer, std::uint16_t symbol) const { writer.put(codes_[symbol], lengths_[symbol]); }
  /// The next symbol. Where there is only one symbol, any bit counts as its code.
  std::uint16_t read(BitReader& reader) const;

 private:
  static constexpr unsigned table_bits = 11;

  bool single() const { return sorted_.size() == 1; }
  void assign_codes();
  void fill_table();

  struct TableEntry {
    std::uint16_t symbol = 0;
    std::uint8_t length = 0;  ///< 0: the code is longer than the table's index
  };

  std::vector<std::uint8_t> lengths_;
  std::vector<std::uint64_t> codes_;
  std::vector<std::uint16_t> sorted_;      ///< symbols in the order of their codes
  std::vector<std::uint64_t> first_code_;  ///< per length
  std::vector<std::size_t> first_place_;   ///< per length: place in `sorted_` of the first code
  std::vector<std::size_t> count_;         ///< per length
  std::vector<TableEntry> table_;
};

}  // namespace lacuna

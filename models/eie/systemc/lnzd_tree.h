#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

namespace lacuna::eie::systemc {

/// The quadtree of leading-nonzero-detection nodes (contract, section 5): finds the lowest nonzero position
/// at or beyond a given one. Each node joins four children; the nodes are combinational.
class LnzdTree : public sc_core::sc_module {
 public:
  LnzdTree(const sc_core::sc_module_name& name, std::uint32_t leaves);

  std::uint32_t levels() const { return levels_; }
  std::uint32_t nodes() const { return nodes_; }

  /// Nonzero flags of a new row, one per position.
  void clear_flags();
  void set_flag(std::uint32_t position) { flags_[position / 64] |= std::uint64_t{1} << (position % 64); }

  /// Lowest flagged position >= `from`, or the number of leaves when there is none.
  std::uint32_t find(std::uint32_t from) const;

 private:
  std::uint32_t leaves_;
  std::uint32_t levels_ = 0;
  std::uint32_t nodes_ = 0;
  std::vector<std::uint64_t> flags_;
};

}  // namespace lacuna::eie::systemc

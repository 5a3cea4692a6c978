#include "models/eie/systemc/lnzd_tree.h"

#include <algorithm>

namespace lacuna::eie::systemc {
namespace {

std::uint32_t trailing_zeros(std::uint64_t word) {
  return static_cast<std::uint32_t>(__builtin_ctzll(word));
}

}  // namespace

LnzdTree::LnzdTree(const sc_core::sc_module_name& name, std::uint32_t leaves)
    : sc_module(name), leaves_(leaves), flags_((leaves + 63) / 64) {
  for (std::uint32_t width = leaves; width > 1; ++levels_) {
    width = (width + 3) / 4;
    nodes_ += width;
  }
}

void LnzdTree::clear_flags() {
  std::fill(flags_.begin(), flags_.end(), std::uint64_t{0});
}

std::uint32_t LnzdTree::find(std::uint32_t from) const {
  if (from >= leaves_) {
    return leaves_;
  }
  std::size_t word = from / 64;
  std::uint64_t flags = flags_[word] & (~std::uint64_t{0} << (from % 64));
  while (flags == 0) {
    if (++word == flags_.size()) {
      return leaves_;
    }
    flags = flags_[word];
  }
  return static_cast<std::uint32_t>(word * 64) + trailing_zeros(flags);
}

}  // namespace lacuna::eie::systemc

#include "sim/compress/huffman.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "models/common/error.h"

namespace lacuna {

void BitWriter::put(std::uint64_t value, unsigned count) {
  if (count == 0) {
    return;
  }
  buffer_ = buffer_ << count | (value & ((std::uint64_t{1} << count) - 1));
  pending_ += count;
  while (pending_ >= 8) {
    pending_ -= 8;
    bytes_.push_back(static_cast<unsigned char>(buffer_ >> pending_ & 0xFFU));
  }
}

std::vector<unsigned char> BitWriter::take() {
  if (pending_ > 0) {
    put(0, 8 - pending_);
  }
  return std::move(bytes_);
}

void BitReader::fill() {
  while (available_ <= 56) {
    const std::uint64_t byte = next_byte_ < byte_count_ ? bytes_[next_byte_] : 0;
    ++next_byte_;
    buffer_ |= byte << (56 - available_);
    available_ += 8;
  }
}

std::uint64_t BitReader::peek(unsigned count) {
  if (count == 0) {
    return 0;
  }
  if (available_ < count) {
    fill();
  }
  return buffer_ >> (64 - count);
}

void BitReader::skip(unsigned count) {
  if (available_ < count) {
    fill();
  }
  buffer_ <<= count;
  available_ -= count;
  position_ += count;
}

namespace {

struct Node {
  std::uint64_t count = 0;
  std::size_t parent = 0;
};

/// Takes the node of the least count from two queues in ascending order, leaves before inner nodes.
std::size_t take_least(std::deque<std::size_t>& leaves, std::deque<std::size_t>& inner,
                       const std::vector<Node>& nodes) {
  const bool leaf =
      !leaves.empty() && (inner.empty() || nodes[leaves.front()].count <= nodes[inner.front()].count);
  std::deque<std::size_t>& queue = leaf ? leaves : inner;
  const std::size_t node = queue.front();
  queue.pop_front();
  return node;
}

}  // namespace

std::vector<std::uint64_t> count_symbols(const std::vector<std::uint16_t>& symbols,
                                         std::size_t symbol_count) {
  std::vector<std::uint64_t> counts(symbol_count, 0);
  for (const std::uint16_t symbol : symbols) {
    ++counts[symbol];
  }
  return counts;
}

std::vector<std::uint8_t> huffman_lengths(const std::vector<std::uint64_t>& counts) {
  std::vector<std::size_t> used;
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    if (counts[symbol] > 0) {
      used.push_back(symbol);
    }
  }
  std::vector<std::uint8_t> lengths(counts.size(), 0);
  if (used.size() == 1) {
    lengths[used.front()] = 1;
  }
  if (used.size() < 2) {
    return lengths;
  }
  std::stable_sort(used.begin(), used.end(),
                   [&counts](std::size_t a, std::size_t b) { return counts[a] < counts[b]; });
  std::vector<Node> nodes;
  std::deque<std::size_t> leaves;
  std::deque<std::size_t> inner;
  for (const std::size_t symbol : used) {
    leaves.push_back(nodes.size());
    nodes.push_back({counts[symbol], 0});
  }
  while (leaves.size() + inner.size() > 1) {
    const std::size_t a = take_least(leaves, inner, nodes);
    const std::size_t b = take_least(leaves, inner, nodes);
    nodes[a].parent = nodes[b].parent = nodes.size();
    inner.push_back(nodes.size());
    nodes.push_back({nodes[a].count + nodes[b].count, 0});
  }
  std::vector<std::uint8_t> depths(nodes.size(), 0);
  for (std::size_t node = nodes.size() - 1; node-- > 0;) {
    depths[node] = static_cast<std::uint8_t>(depths[nodes[node].parent] + 1);
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    lengths[used[i]] = depths[i];
  }
  return lengths;
}

std::uint64_t coded_bits(const std::vector<std::uint64_t>& counts, const std::vector<std::uint8_t>& lengths) {
  std::uint64_t bits = 0;
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    bits += counts[symbol] * lengths[symbol];
  }
  return bits;
}

double entropy_bits(const std::vector<std::uint64_t>& counts) {
  double total = 0.0;
  for (const std::uint64_t count : counts) {
    total += static_cast<double>(count);
  }
  double bits = 0.0;
  for (const std::uint64_t count : counts) {
    if (count > 0) {
      bits += static_cast<double>(count) * std::log2(total / static_cast<double>(count));
    }
  }
  return bits;
}

PrefixCode::PrefixCode(const std::vector<std::uint8_t>& lengths)
    : lengths_(lengths),
      codes_(lengths.size(), 0),
      first_code_(max_code_length + 2, 0),
      first_place_(max_code_length + 2, 0),
      count_(max_code_length + 2, 0),
      table_(std::size_t{1} << table_bits) {
  for (const std::uint8_t length : lengths_) {
    if (length > max_code_length) {
      throw InputDataError({}, "a Huffman code of " + std::to_string(length) + " bits",
                           "at most " + std::to_string(max_code_length));
    }
    count_[length] += length > 0 ? 1 : 0;
  }
  assign_codes();
  fill_table();
}

void PrefixCode::assign_codes() {
  std::uint64_t code = 0;
  std::size_t symbols = 0;
  for (unsigned length = 1; length <= max_code_length; ++length) {
    code <<= 1;
    first_code_[length] = code;
    first_place_[length] = symbols;
    code += count_[length];
    symbols += count_[length];
    if (code > std::uint64_t{1} << length) {
      throw InputDataError({}, "the Huffman code lengths are no prefix code", "complete code lengths");
    }
  }
  const bool one = symbols == 1 && count_[1] == 1;
  if (!one && code != std::uint64_t{1} << max_code_length) {
    throw InputDataError({}, "the Huffman code lengths are no complete code", "complete code lengths");
  }
  sorted_.resize(symbols);
  std::vector<std::size_t> places = first_place_;
  for (std::size_t symbol = 0; symbol < lengths_.size(); ++symbol) {
    const std::uint8_t length = lengths_[symbol];
    if (length > 0) {
      codes_[symbol] = first_code_[length] + (places[length] - first_place_[length]);
      sorted_[places[length]++] = static_cast<std::uint16_t>(symbol);
    }
  }
}

void PrefixCode::fill_table() {
  for (const std::uint16_t symbol : sorted_) {
    const unsigned length = lengths_[symbol];
    if (length <= table_bits) {
      const std::size_t start = static_cast<std::size_t>(codes_[symbol]) << (table_bits - length);
      const std::size_t places = std::size_t{1} << (table_bits - length);
      std::fill_n(table_.begin() + static_cast<std::ptrdiff_t>(start), places,
                  TableEntry{symbol, static_cast<std::uint8_t>(length)});
    }
  }
  if (single()) {
    std::fill(table_.begin(), table_.end(), TableEntry{sorted_.front(), 1});
  }
}

std::uint16_t PrefixCode::read(BitReader& reader) const {
  const TableEntry entry = table_[reader.peek(table_bits)];
  if (entry.length > 0) {
    reader.skip(entry.length);
    return entry.symbol;
  }
  unsigned length = table_bits + 1;
  while (reader.peek(length) - first_code_[length] >= count_[length]) {
    ++length;  // the code is complete: a length fits before the longest is passed
  }
  const std::uint64_t code = reader.take(length);
  return sorted_[first_place_[length] + static_cast<std::size_t>(code - first_code_[length])];
}

}  // namespace lacuna

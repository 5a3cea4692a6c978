#include "sim/compress/bit_stream.h"

#include <utility>

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

}  // namespace lacuna

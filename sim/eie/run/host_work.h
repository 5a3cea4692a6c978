#pragma once

#include <cstdint>

namespace lacuna {

/// What the host computes beside the machine: additions, multiplications (and divisions), comparisons, and
/// evaluations of exponential functions.
struct HostWork {
  std::uint64_t additions = 0;
  std::uint64_t multiplications = 0;
  std::uint64_t comparisons = 0;
  std::uint64_t exponentials = 0;

  HostWork& operator+=(const HostWork& other) {
    additions += other.additions;
    multiplications += other.multiplications;
    comparisons += other.comparisons;
    exponentials += other.exponentials;
    return *this;
  }
  HostWork times(std::uint64_t n) const {
    return {additions * n, multiplications * n, comparisons * n, exponentials * n};
  }
  std::uint64_t total() const { return additions + multiplications + comparisons + exponentials; }
};

/// Activations that pass between host and machine for one layer, in words of one activation.
struct ActivationTraffic {
  std::uint64_t words_in = 0;   ///< written into source registers, once for every vector they are part of
  std::uint64_t words_out = 0;  ///< results read out of destination registers, partial sums among them
  std::uint64_t distinct_words =
      0;  ///< elements of the layer's input tensor: what a perfect cache would load
  /// Cycles in which PEs load and store these words through their activation SRAM ports, for vectors whose
  /// loads and stores the machine's own cycles do not hold (contract, section 8).
  std::uint64_t cycles = 0;

  ActivationTraffic& operator+=(const ActivationTraffic& other) {
    words_in += other.words_in;
    words_out += other.words_out;
    distinct_words += other.distinct_words;
    cycles += other.cycles;
    return *this;
  }
};

}  // namespace lacuna

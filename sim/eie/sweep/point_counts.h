#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/engine.h"
#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// What one layer did at a design point, all its vectors together: counts only, so that everything else is
/// computed from them anew. What depends on values, `accumulator_saturations` and the classification, is 0
/// unless values were computed.
struct LayerCounts {
  std::string name;
  std::uint64_t stored_entries = 0;   ///< of the memory image
  std::uint64_t padding_entries = 0;  ///< of the memory image
  std::uint64_t true_nonzeros = 0;    ///< of the matrix
  RunSums sums;
  std::uint64_t pe_digest =
      0;  ///< of every PE's cycle classes and events but saturations in every run, in order
  Classification classification;  ///< of the layer's outputs, or of the network's with its last layer

  /// Adds a run of one vector.
  void add(const eie::RunResult& result);
};

/// Counts as bytes: 64-bit integers, least significant byte first.
std::string encode_counts(const std::vector<LayerCounts>& layers);

/// The inverse. Throws InputDataError (place: store) when the bytes are no such counts.
std::vector<LayerCounts> decode_counts(const std::string& bytes, const std::string& store);

/// The first count in which the layers of two runs differ, as a sentence; empty when all are equal.
std::string first_difference(const std::vector<LayerCounts>& a, const std::vector<LayerCounts>& b);

}  // namespace lacuna

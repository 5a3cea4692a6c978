#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/capacity.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie {

/// A lower bound of the cycles of a layer's runs (contract, sections 5 to 8): what they would take with
/// queues that are never full and no hazards. Central control then scans as fast as it can, and each PE works
/// off its columns in order, none before its broadcast. Exact for runs that have neither stall; others take
/// longer.
class CycleBound {
 public:
  /// Looks at where the matrix has entries, not at what they are. Takes 4 bytes per image column and PE.
  /// Keeps no references.
  CycleBound(const Parameters& machine, const Layer& layer);

  /// Of the run with these `inputs()` raw activations. May be called from several threads.
  std::uint64_t cycles(const std::vector<std::int32_t>& activations) const;

 private:
  /// A compute phase on its own: the cycle in which each PE would be free, and what both kinds of end need.
  struct Phase;

  std::uint32_t* occupied(std::uint64_t image_column) { return &occupied_[image_column * machine_.pe_count]; }
  const std::uint32_t* occupied(std::uint64_t image_column) const {
    return &occupied_[image_column * machine_.pe_count];
  }
  void count_entries(const CodedMatrix& matrix);
  Phase phase(std::size_t row_batch, const ColumnBatch& batch,
              const std::vector<std::int32_t>& activations) const;

  Parameters machine_;
  LayerShape shape_;
  BatchPlan plan_;
  std::uint64_t fill_cycles_ = 0;        ///< X: until the first source row is loaded
  std::vector<std::uint32_t> occupied_;  ///< [image column][PE]: stored entries, padding included
};

}  // namespace lacuna::eie

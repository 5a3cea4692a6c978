#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie {

/// A range of source rows (of `pe_count` activations each) that the source registers hold at once.
struct ColumnBatch {
  std::uint32_t first_source_row = 0;
  std::uint32_t source_rows = 0;  ///< without the bias row
  bool bias_row = false;          ///< the bias row follows the last of these
};

/// How a layer is cut into batches (contract, section 8). Says what is done in which order, not how long it
/// takes.
struct BatchPlan {
  std::vector<ColumnBatch> column_batches;       ///< the same for each row batch
  std::vector<std::uint32_t> row_batch_outputs;  ///< outputs of each row batch
  bool loads() const { return column_batches.size() > 1; }
  bool stores() const { return row_batch_outputs.size() > 1; }
};

BatchPlan plan_batches(const Parameters& parameters, const LayerShape& shape);

/// Cycles in which every PE moves so many activations between its registers and its activation SRAM.
std::uint64_t transfer_cycles(const Parameters& parameters, std::uint64_t entries);

/// Cycles from the start of a phase until the first source row is loaded: all levels of the detection tree,
/// ceil(log4 PEs) (contract, section 6).
std::uint64_t lnzd_fill_cycles(const Parameters& parameters);

/// All that a capacity check needs to know of a memory image.
struct ImageSize {
  std::uint32_t columns = 0;  ///< of the matrix, bias included
  std::uint32_t row_batches = 1;
  std::uint64_t most_entries = 0;  ///< stored entries of the fullest PE, padding included

  static ImageSize of(const MemoryImage& image);
};

/// As `check_capacity` of engine.h, for callers that know the size of the image without making it. Of the
/// layer's matrix only the shape is looked at.
void check_capacity(const Parameters& parameters, const Layer& layer, const ImageSize& image);

}  // namespace lacuna::eie

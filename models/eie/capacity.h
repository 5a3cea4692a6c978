#pragma once

#include <cstdint>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie {

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

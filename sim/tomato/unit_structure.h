#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
#include "models/tomato/rtl/emit_design.h"
#include "sim/tomato/structure_file.h"

namespace lacuna::tomato {

/// How many of each term a unit or a FIFO has.
class Structure {
 public:
  void add(StructureTerm term, std::uint64_t count) { counts_[static_cast<std::size_t>(term)] += count; }
  std::uint64_t operator[](StructureTerm term) const { return counts_[static_cast<std::size_t>(term)]; }
  Structure& operator+=(const Structure& other);

 private:
  std::array<std::uint64_t, structure_term_count> counts_{};
};

/// Bits of a counter from 0 to `count` - 1; a constant has none.
std::uint64_t counter_bits(std::uint64_t count);

/// Memories of at least two words. What they become depends on the device (structure_on, resources.h).
struct HardwareMemory {
  std::uint64_t words = 0;
  std::uint64_t width_bits = 0;
  std::uint64_t count = 1;
  bool is_written = true;     ///< else weights, scales or a table
  bool is_registered = true;  ///< reads are: it may be block RAM
};

/// What a part of generated hardware consists of (models/tomato/rtl), without multipliers and maxima, whose
/// cells the logic table has.
struct HardwareParts {
  Structure structure;
  std::vector<HardwareMemory> memories;

  /// A memory; of one word registers or, read only, constants.
  void add(const HardwareMemory& memory);
};

/// Whether the machine was built with its weights and scales; without them none is taken for a constant.
bool has_values(const Pipeline& pipeline);

/// A unit. `edges` says what FIFOs are in the data plane (emit_design.h).
HardwareParts unit_parts(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t unit);

/// A FIFO, without the ring of pixels that holds its tokens if there is one.
HardwareParts fifo_parts(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t edge);

/// A ring of pixels.
HardwareParts store_parts(const Pipeline& pipeline, const Analysis& analysis, const PixelStore& store);

}  // namespace lacuna::tomato

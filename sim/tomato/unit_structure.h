#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
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

/// What a unit of generated hardware consists of (models/tomato/rtl, tokens as wires), without multipliers
/// and maxima, whose cells the logic table has.
Structure unit_structure(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit);

/// What a FIFO consists of.
Structure fifo_structure(const Analysis& analysis, std::size_t edge, std::uint32_t depth);

}  // namespace lacuna::tomato

#pragma once

#include <cstdint>

#include "models/common/fixed_point.h"
#include "models/eie/nonzero_detection.h"

namespace lacuna::eie {

/// The parameters of one EIE machine; defaults are the published machine (docs/microarchitecture.md).
/// Keys, ranges and meanings are declared in `describe` below, one line each: the YAML reader, the
/// schema and the result JSON are all made from those lines.
struct Parameters {
  std::uint32_t pe_count = 64;
  std::uint32_t queue_depth_entries = 8;
  std::uint32_t spmat_width_bits = 64;
  std::uint64_t spmat_capacity_bytes = 131072;
  std::uint32_t relative_index_bits = 4;
  std::uint32_t codebook_index_bits = 4;
  std::uint32_t pointer_width_bits = 16;
  std::uint64_t pointer_capacity_bytes = 32768;
  std::uint32_t weight_value_width_bits = 16;
  std::uint32_t activation_width_bits = 16;
  std::uint32_t accumulator_width_bits = 16;
  Rounding rounding = Rounding::nearest;
  std::uint32_t register_file_entries = 64;
  std::uint32_t activation_sram_width_bits = 64;
  std::uint64_t activation_sram_bytes = 2048;
  bool pointer_prefetch = true;
  bool arithmetic_bypass = true;
  std::uint32_t lnzd_latency_cycles = 0;
  NonzeroDetection nonzero_detection = NonzeroDetection::nonzero;
  double clock_mhz = 800.0;

  /// Calls visitor.integer / .boolean / .choice / .real (key, member, range or names, meaning) for each
  /// parameter. `Self` is `Parameters` or `const Parameters`.
  template <class Self, class Visitor>
  static void describe(Self& p, Visitor&& v) {
    constexpr std::uint64_t gib = std::uint64_t{1} << 30;
    v.integer("pe_count", p.pe_count, 1, 1024, "processing elements");
    v.integer("queue_depth_entries", p.queue_depth_entries, 1, 1024,
              "usable entries of each activation queue");
    v.integer("spmat_width_bits", p.spmat_width_bits, 8, 512, "width of a sparse-matrix SRAM row");
    v.integer("spmat_capacity_bytes", p.spmat_capacity_bytes, 64, gib, "sparse-matrix SRAM per PE");
    v.integer("relative_index_bits", p.relative_index_bits, 2, 8, "bits of the zero count z of an entry");
    v.integer("codebook_index_bits", p.codebook_index_bits, 1, 8,
              "bits of the weight code; 2^bits shared weights");
    v.integer("pointer_width_bits", p.pointer_width_bits, 8, 32, "width of a column pointer (row and slot)");
    v.integer("pointer_capacity_bytes", p.pointer_capacity_bytes, 64, gib, "pointer SRAM per PE, both banks");
    v.integer("weight_value_width_bits", p.weight_value_width_bits, 4, 32, "width of a shared weight");
    v.integer("activation_width_bits", p.activation_width_bits, 4, 32, "width of an activation");
    v.integer("accumulator_width_bits", p.accumulator_width_bits, 8, 32, "width of an accumulator");
    v.choice("rounding", p.rounding, {"truncate", "nearest", "nearest_even"},
             "rounding of products and outputs");
    v.integer("register_file_entries", p.register_file_entries, 0, 65536,
              "activations per register file and PE; longer vectors run in batches; 0 holds whole vectors");
    v.integer("activation_sram_width_bits", p.activation_sram_width_bits, 8, 1024,
              "width of an activation SRAM access");
    v.integer("activation_sram_bytes", p.activation_sram_bytes, 16, gib,
              "activation SRAM per PE, for batches");
    v.boolean("pointer_prefetch", p.pointer_prefetch,
              "read a column's pointers while issuing; false adds a cycle");
    v.boolean("arithmetic_bypass", p.arithmetic_bypass,
              "forward the adder to the next entry; false stalls it");
    v.integer("lnzd_latency_cycles", p.lnzd_latency_cycles, 0, 64,
              "cycles per quadtree level when a batch starts");
    v.choice("nonzero_detection", p.nonzero_detection, {"nonzero", "positive"},
             "which activations are broadcast");
    v.real("clock_mhz", p.clock_mhz, 0.001, 100000.0, "clock frequency");
  }

  /// Entries of one sparse-matrix row (contract: E).
  std::uint32_t entries_per_spmat_row() const {
    return spmat_width_bits / (codebook_index_bits + relative_index_bits);
  }
};

}  // namespace lacuna::eie

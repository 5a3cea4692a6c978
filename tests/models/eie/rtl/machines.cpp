#include "tests/models/eie/rtl/machines.h"

#include <algorithm>

#include <fmt/format.h>

#include "tests/dice.h"

namespace lacuna::test {
namespace {

/// Published parameters with room for any layer of the tests, on `pe_count` PEs and whole vectors.
eie::Parameters small_machine(std::uint32_t pe_count) {
  eie::Parameters p;
  p.pe_count = pe_count;
  p.pointer_width_bits = 20;
  p.register_file_entries = 0;
  p.activation_sram_bytes = 1U << 16;
  return p;
}

NamedMachine one_pe() {
  eie::Parameters p = small_machine(1);
  p.queue_depth_entries = 1;
  return {"one PE, queue depth 1", p};
}

NamedMachine no_bypass_no_prefetch() {
  eie::Parameters p = small_machine(3);
  p.queue_depth_entries = 2;
  p.relative_index_bits = 2;
  p.arithmetic_bypass = false;
  p.pointer_prefetch = false;
  p.register_file_entries = 4;
  p.activation_sram_width_bits = 24;
  return {"3 PEs, index bits 2, no bypass, no prefetch, batches of 4", p};
}

NamedMachine published_widths() {
  eie::Parameters p = small_machine(4);
  p.queue_depth_entries = 7;
  return {"4 PEs of the published widths, whole vectors", p};
}

NamedMachine split_words() {
  eie::Parameters p = small_machine(5);
  p.activation_width_bits = 12;
  p.activation_sram_width_bits = 32;
  p.register_file_entries = 7;
  p.lnzd_latency_cycles = 2;
  p.rounding = Rounding::nearest_even;
  p.nonzero_detection = eie::NonzeroDetection::positive;
  p.spmat_width_bits = 50;
  p.codebook_index_bits = 3;
  return {"5 PEs, 12-bit activations in 32-bit words, batches of 7", p};
}

NamedMachine narrow_accumulators() {
  eie::Parameters p = small_machine(16);
  p.accumulator_width_bits = 8;
  p.weight_value_width_bits = 6;
  p.activation_width_bits = 7;
  p.register_file_entries = 2;
  p.rounding = Rounding::truncate;
  p.pointer_prefetch = false;
  return {"16 PEs, 8-bit accumulators, batches of 2, no prefetch", p};
}

NamedMachine no_bypass() {
  eie::Parameters p = small_machine(17);
  p.queue_depth_entries = 5;
  p.arithmetic_bypass = false;
  p.lnzd_latency_cycles = 1;
  return {"17 PEs, no bypass", p};
}

NamedMachine narrow_sram() {
  eie::Parameters p = small_machine(2);
  p.activation_width_bits = 20;
  p.activation_sram_width_bits = 21;
  p.register_file_entries = 5;
  p.relative_index_bits = 3;
  p.codebook_index_bits = 5;
  p.spmat_width_bits = 32;
  p.queue_depth_entries = 3;
  return {"2 PEs, 20-bit activations in 21-bit words, batches of 5", p};
}

NamedMachine one_entry_a_row() {
  eie::Parameters p = small_machine(3);
  p.spmat_width_bits = 8;
  p.queue_depth_entries = 2;
  return {"3 PEs, rows of one entry", p};
}

NamedMachine two_entries_a_row() {
  eie::Parameters p = small_machine(4);
  p.spmat_width_bits = 16;
  return {"4 PEs, rows of two entries", p};
}

}  // namespace

std::vector<NamedMachine> corner_machines() {
  return {one_pe(),    no_bypass_no_prefetch(), published_widths(), split_words(),      narrow_accumulators(),
          no_bypass(), narrow_sram(),           one_entry_a_row(),  two_entries_a_row()};
}

NamedMachine random_machine(std::uint64_t seed) {
  Dice dice(seed);
  eie::Parameters p;
  p.pe_count = dice.chance(40) ? dice.of({1U, 4U, 16U}) : dice.u32(1, 24);
  p.queue_depth_entries = dice.chance(40) ? dice.of({1U, 2U, 7U, 8U}) : dice.u32(1, 20);
  p.spmat_width_bits = dice.chance(30) ? 64 : dice.u32(16, 512);
  p.relative_index_bits = dice.u32(2, 8);
  p.codebook_index_bits = dice.u32(1, 8);
  p.pointer_width_bits = dice.u32(20, 32);
  p.pointer_capacity_bytes = 1U << 18;
  p.weight_value_width_bits = dice.u32(4, 32);
  p.activation_width_bits = dice.u32(4, 32);
  p.accumulator_width_bits = dice.u32(8, 32);
  p.rounding = dice.of({Rounding::truncate, Rounding::nearest, Rounding::nearest_even});
  p.register_file_entries = dice.chance(35) ? 0 : dice.u32(1, 9);
  p.activation_sram_width_bits =
      dice.chance(40) ? dice.of({32U, 64U, 1024U}) : dice.u32(std::max(8U, p.activation_width_bits), 130);
  p.activation_sram_bytes = 1U << 16;
  p.pointer_prefetch = dice.chance(60);
  p.arithmetic_bypass = dice.chance(50);
  p.lnzd_latency_cycles = dice.chance(60) ? 0 : dice.u32(1, 5);
  p.nonzero_detection = dice.of({eie::NonzeroDetection::nonzero, eie::NonzeroDetection::positive});
  return {fmt::format("machine of seed {}", seed), p};
}

}  // namespace lacuna::test

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna::tomato {

/// What generated hardware consists of beside multipliers and maxima, counted from its parameters
/// (unit_structure.h).
enum class StructureTerm : std::uint8_t {
  issue,         ///< issue stages
  stage,         ///< places of elastic pipes
  counter_bit,   ///< bits of counters and pointers, with their step, wrap and comparison
  held_bit,      ///< bits of the token that is worked on, with the way past it in the first step
  slice_bit,     ///< bits of two-to-one multiplexers that choose the slice of a step
  adder_bit,     ///< bits of the adders of trees and accumulators
  register_bit,  ///< bits of registers behind products, adders and maxima
  delay_bit,     ///< bits of what accompanies a step through the pipe
  ram_bit,     ///< bits of memories in registers: slots of results, FIFOs, line buffers, partial sums, rings
  ram_column,  ///< widths of memories in logic RAM, times their words in units of 32
  ram,         ///< their number
  ram_slice,   ///< slices of eight LUTs that they fill whole: 14 bits of 32 words or 7 of 64
  rom_bit,     ///< bits of weights, scales and tables
  rom_column,  ///< their widths, times their words in units of 64
  rounding_bit,  ///< bits of a requantisation's sums, rounding and clipping
  window,        ///< windows
  window_bit,    ///< bits of a window's counts of pixels
  line_bit,      ///< bits of two-to-one multiplexers that put a window's taps in order
  choice_bit,    ///< bits compared and kept by a selection of winners, and of gates
  ring,          ///< rings of pixels
  place_bit,     ///< bits of places in rings of pixels that are computed, with their wrap
  bypass_bit,    ///< bits of words and addresses of written block RAM: a word that is read as it is written
};
inline constexpr std::size_t structure_term_count = static_cast<std::size_t>(StructureTerm::bypass_bit) + 1;

/// The names of the terms in files, in their order.
inline const std::array<const char*, structure_term_count>& structure_term_names() {
  static const std::array<const char*, structure_term_count> names = {
      "issue",        "stage",      "counter_bit",  "held_bit",   "slice_bit",  "adder_bit",
      "register_bit", "delay_bit",  "ram_bit",      "ram_column", "ram",        "ram_slice",
      "rom_bit",      "rom_column", "rounding_bit", "window",     "window_bit", "line_bit",
      "choice_bit",   "ring",       "place_bit",    "bypass_bit"};
  return names;
}

/// What one of a term takes.
struct TermCost {
  std::string term;
  double cells = 0.0;
  double registers = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    const auto& names = structure_term_names();
    v.name("term", c.term, {names.begin(), names.end()}, "what is counted");
    v.real("cells", c.cells, 0.0, 1e6, "cells of the logic table");
    v.real("registers", c.registers, 0.0, 1e6, "bits of registers");
    v.required({"term", "cells", "registers"});
  }
};

/// `structure:` of a structure table.
struct StructureTable {
  std::string name;
  std::string source;
  std::vector<TermCost> terms;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name of the table");
    v.text("source", c.source, "where the figures come from");
    v.list("terms", c.terms, "what one of each term takes; terms left out take nothing");
    v.required({"name", "source", "terms"});
  }
};

/// A structure table file, written by scripts/tomato-calibration.
struct StructureTableFile {
  StructureTable structure;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("structure", c.structure, "what generated hardware takes beside operators");
    v.required({"structure"});
  }
};

}  // namespace lacuna::tomato

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna::tomato {

/// One operator of a logic table: `cells` of the table's unit for codes of these widths. Two-operand
/// multipliers have `weight_bits` and `activation_bits`; adders and comparators have `bits`.
struct LogicOperator {
  std::string name;
  std::uint32_t weight_bits = 0;
  std::uint32_t activation_bits = 0;
  std::uint32_t bits = 0;
  std::uint32_t cells = 0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.name("operator", c.name,
           {"multiply_fixed", "multiply_shift", "multiply_recentralised_shift", "multiply_ternary",
            "multiply_binary", "add", "maximum"},
           "what the operator does");
    v.integer("weight_bits", c.weight_bits, 1, 64, "multipliers: bits of a weight's code");
    v.integer("activation_bits", c.activation_bits, 1, 64, "multipliers: bits of an activation");
    v.integer("bits", c.bits, 1, 64, "add, maximum: bits of an operand");
    v.integer("cells", c.cells, 0, 1U << 20, "logic cells");
    v.required({"operator", "cells"});
  }
};

/// `logic:` of a logic table.
struct LogicTable {
  std::string name;
  std::string unit;
  std::string unit_meaning;
  std::string source;
  std::vector<LogicOperator> operators;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name of the table");
    v.text("unit", c.unit, "what a cell is called");
    v.text("unit_meaning", c.unit_meaning, "what a cell is");
    v.text("source", c.source, "where the figures come from");
    v.list("operators", c.operators, "cells of each operator");
    v.required({"name", "unit", "source", "operators"});
  }
};

/// A logic table file.
struct LogicTableFile {
  LogicTable logic;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("logic", c.logic, "cells of the datapath's operators");
    v.required({"logic"});
  }
};

/// `logic:` of a device.
struct DeviceLogic {
  FilePath table;
  FilePath structure;
  std::string block = "LUT";
  std::uint64_t blocks = 0;
  std::uint32_t cells_per_block = 1;
  std::uint32_t registers_per_block = 2;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("table", c.table, "logic table with the cells of each operator");
    v.file("structure", c.structure,
           "structure table with what control, memories and multiplexers take; without it they take nothing");
    v.text("block", c.block, "what the device counts its logic in, such as ALM or LUT");
    v.integer("blocks", c.blocks, 1, std::uint64_t{1} << 32, "logic blocks of the device");
    v.integer("cells_per_block", c.cells_per_block, 1, 16, "cells of the logic table in a block");
    v.integer("registers_per_block", c.registers_per_block, 1, 16, "registers in a block");
    v.text("source", c.source, "where the figures come from");
    v.required({"table", "block", "blocks", "source"});
  }
};

/// What a DSP block can be: `multipliers` products of a signed `a_bits` and a signed `b_bits` operand.
struct DspMode {
  std::uint32_t a_bits = 18;
  std::uint32_t b_bits = 18;
  std::uint32_t multipliers = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("a_bits", c.a_bits, 1, 64, "bits of the wider operand");
    v.integer("b_bits", c.b_bits, 1, 64, "bits of the other operand");
    v.integer("multipliers", c.multipliers, 1, 16, "such multipliers in one block");
    v.required({"a_bits", "b_bits", "multipliers"});
  }
};

/// `dsp:` of a device.
struct DeviceDsp {
  std::uint64_t blocks = 0;
  std::vector<DspMode> modes;
  std::uint32_t least_operand_bits = 1;
  std::uint32_t least_product_bits = 1;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("blocks", c.blocks, 0, 1U << 24, "DSP blocks of the device");
    v.list("modes", c.modes, "multipliers that a block can be");
    v.integer("least_operand_bits", c.least_operand_bits, 1, 64,
              "multipliers with a narrower operand are logic, even where blocks are free");
    v.integer("least_product_bits", c.least_product_bits, 1, 128,
              "the same, of multipliers with narrower products");
    v.text("source", c.source, "where the figures come from");
    v.required({"blocks", "modes", "source"});
  }
};

/// One aspect ratio of a memory.
struct MemoryShape {
  std::uint32_t words = 1;
  std::uint32_t width_bits = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("words", c.words, 1, 1U << 24, "words");
    v.integer("width_bits", c.width_bits, 1, 1024, "bits of a word");
    v.required({"words", "width_bits"});
  }
};

/// From how many bits on synthesis makes blocks of a memory with registered reads: so many for each block
/// that the memory takes, and so many more. Words are counted up to a multiple, that of the logic RAM that
/// the memory would be otherwise.
struct InferenceLimit {
  std::uint32_t bits_per_block = 0;
  std::uint32_t bits_more = 0;
  std::uint32_t word_multiple = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("bits_per_block", c.bits_per_block, 1, 1U << 24, "bits for each block, or half block");
    v.integer("bits_more", c.bits_more, 0, 1U << 24, "bits beside those");
    v.integer("word_multiple", c.word_multiple, 1, 1U << 16, "words are counted up to a multiple of so many");
    v.required({"bits_per_block"});
  }
};

/// `block_ram:` of a device.
struct DeviceBlockRam {
  std::string block = "BRAM";
  std::uint64_t blocks = 0;
  std::vector<MemoryShape> shapes;
  bool halves = false;
  InferenceLimit written;
  InferenceLimit read_only;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("block", c.block, "what the device counts its memory in, such as M20K or BRAM36");
    v.integer("blocks", c.blocks, 0, 1U << 24, "memory blocks of the device");
    v.list("shapes", c.shapes, "aspect ratios of a block");
    v.boolean("halves", c.halves,
              "whether a block is also two memories of half its width (generated hardware)");
    v.section("written", c.written,
              "generated hardware: from how many bits on a memory is block RAM; without it by its words");
    v.section("read_only", c.read_only, "the same of tables and weights; smaller ones are logic");
    v.text("source", c.source, "where the figures come from");
    v.required({"block", "blocks", "shapes", "source"});
  }
};

/// `logic_ram:` of a device: small memories made of logic.
struct DeviceLogicRam {
  std::uint32_t words = 32;
  std::uint32_t width_bits = 1;
  std::uint32_t cells = 1;
  std::uint32_t least_bits = 0;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("words", c.words, 1, 1024, "words of the smallest one; deeper memories go to block RAM");
    v.integer("least_bits", c.least_bits, 0, 1U << 16,
              "generated hardware: memories of fewer bits are registers");
    v.integer("width_bits", c.width_bits, 1, 64, "bits of a word");
    v.integer("cells", c.cells, 1, 1024, "cells of the logic table that one takes");
    v.text("source", c.source, "where the figures come from");
    v.required({"words", "width_bits", "cells", "source"});
  }
};

/// `device:`, the resources of an FPGA.
struct DeviceDescription {
  std::string name;
  DeviceLogic logic;
  DeviceDsp dsp;
  DeviceBlockRam block_ram;
  DeviceLogicRam logic_ram;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name of the device");
    v.section("logic", c.logic, "look-up tables and registers");
    v.section("dsp", c.dsp, "multiplier blocks");
    v.section("block_ram", c.block_ram, "memory blocks");
    v.section("logic_ram", c.logic_ram, "small memories made of logic");
    v.required({"name", "logic", "dsp", "block_ram", "logic_ram"});
  }
};

/// A device file.
struct DeviceFile {
  DeviceDescription device;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("device", c.device, "resources of an FPGA");
    v.required({"device"});
  }
};

}  // namespace lacuna::tomato

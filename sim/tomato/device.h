#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/common/number_format.h"
#include "sim/tomato/device_file.h"
#include "sim/tomato/structure_file.h"
#include "sim/tomato/unit_structure.h"

namespace lacuna::tomato {

/// Cells of the datapath's operators, from a synthesised table.
class LogicCosts {
 public:
  /// `file` is named in errors.
  LogicCosts(LogicTable table, std::string file) : table_(std::move(table)), file_(std::move(file)) {}

  const std::string& unit() const { return table_.unit; }
  const std::string& source() const { return table_.source; }

  /// Cells of weight x activation. Widths between the table's are priced as the next ones that hold both.
  /// Throws ConfigurationError when the table has none.
  std::uint64_t multiplier(NumberKind kind, int weight_bits, int activation_bits) const;
  /// Cells of an adder or a maximum of two `bits`-bit operands, likewise.
  std::uint64_t adder(int bits) const { return one_width("add", bits); }
  std::uint64_t maximum(int bits) const { return one_width("maximum", bits); }

 private:
  std::uint64_t one_width(const std::string& name, int bits) const;

  LogicTable table_;
  std::string file_;
};

/// A memory's price: whole blocks, or cells of logic RAM, or registers for a single word.
struct MemoryCost {
  std::uint64_t blocks = 0;
  std::uint64_t cells = 0;
  std::uint64_t registers = 0;
};

/// Blocks of a memory; half blocks where the device has them.
struct BlockCount {
  std::uint64_t blocks = 0;
  std::uint64_t halves = 0;

  bool any() const { return blocks + halves > 0; }
};

/// Logic and registers of what is counted in terms, rounded to the nearest whole.
struct StructureCost {
  std::uint64_t cells = 0;
  std::uint64_t registers = 0;
};

/// What the terms of generated hardware take; an empty table: nothing.
class StructureCosts {
 public:
  StructureCosts() = default;
  explicit StructureCosts(const StructureTable& table);

  StructureCost of(const Structure& structure) const;
  /// Whether there is a table.
  bool known() const { return known_; }

 private:
  bool known_ = false;
  std::array<double, structure_term_count> cells_{};
  std::array<double, structure_term_count> registers_{};
};

/// An FPGA with the costs of its logic.
class Device {
 public:
  Device(DeviceDescription description, LogicCosts logic, StructureCosts structure = {})
      : description_(std::move(description)), logic_(std::move(logic)), structure_(structure) {}

  const DeviceDescription& description() const { return description_; }
  const LogicCosts& logic() const { return logic_; }
  /// Not known where the device names no structure table.
  const StructureCosts& structure() const { return structure_; }

  /// Whether synthesis makes a multiplier of these operand widths a DSP block while there are any.
  bool prefers_dsp(int a_bits, int b_bits) const;

  /// Multipliers of these operand widths in one DSP block; 0 when a block cannot hold one.
  std::uint32_t multipliers_per_dsp(int a_bits, int b_bits) const;

  /// What synthesis makes of a memory of generated hardware whose reads are registered; no blocks where it is
  /// logic.
  BlockCount block_memory(std::uint64_t words, std::uint64_t width_bits, bool is_written) const;

  /// The cheapest memory of `words` words of `width_bits` bits, one read and one write port.
  MemoryCost memory(std::uint64_t words, std::uint64_t width_bits) const;

 private:
  DeviceDescription description_;
  LogicCosts logic_;
  StructureCosts structure_;
};

/// Reads a device file, its logic table and its structure table. Throws ConfigurationError.
Device load_device(const std::string& path);

/// Reads a logic table. Throws ConfigurationError.
LogicCosts load_logic_costs(const std::string& path);

/// Devices that were read once for many machines.
class DeviceSet {
 public:
  /// Reads a device file unless it is there. Throws ConfigurationError.
  void add(const std::string& path);

  /// The device of a file; null when it was not added.
  const Device* find(const std::string& path) const;

  bool empty() const { return devices_.empty(); }
  std::vector<const Device*> all() const;
  /// SHA-256 of each device file and its tables.
  std::vector<std::string> checksums() const;

 private:
  std::map<std::string, Device> devices_;  ///< by path
};

}  // namespace lacuna::tomato

#include "sim/tomato/device.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::tomato {
namespace {

std::uint64_t blocks_of(std::uint64_t size, std::uint64_t block) {
  return (size + block - 1) / block;
}

const char* multiplier_name(NumberKind kind) {
  switch (kind) {
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      return "multiply_fixed";
    case NumberKind::shift:
      return "multiply_shift";
    case NumberKind::recentralised_shift:
      return "multiply_recentralised_shift";
    case NumberKind::ternary:
      return "multiply_ternary";
    case NumberKind::binary:
      return "multiply_binary";
  }
  return "";
}

}  // namespace

std::uint64_t LogicCosts::multiplier(NumberKind kind, int weight_bits, int activation_bits) const {
  const std::string name = multiplier_name(kind);
  const LogicOperator* best = nullptr;
  for (const LogicOperator& entry : table_.operators) {
    const bool holds = entry.name == name && static_cast<int>(entry.weight_bits) >= weight_bits &&
                       static_cast<int>(entry.activation_bits) >= activation_bits;
    if (holds && (best == nullptr || entry.cells < best->cells)) {
      best = &entry;
    }
  }
  if (best == nullptr) {
    throw ConfigurationError({file_, 0, "logic.operators"},
                             fmt::format("the logic table '{}' has no {} that holds {} x {} bits",
                                         table_.name, name, weight_bits, activation_bits),
                             "add it to the table, or use narrower codes");
  }
  return best->cells;
}

std::uint64_t LogicCosts::one_width(const std::string& name, int bits) const {
  const LogicOperator* best = nullptr;
  for (const LogicOperator& entry : table_.operators) {
    if (entry.name == name && static_cast<int>(entry.bits) >= bits &&
        (best == nullptr || entry.bits < best->bits)) {
      best = &entry;
    }
  }
  if (best == nullptr) {
    throw ConfigurationError(
        {file_, 0, "logic.operators"},
        fmt::format("the logic table '{}' has no '{}' of {} bits", table_.name, name, bits));
  }
  return best->cells;
}

StructureCosts::StructureCosts(const StructureTable& table) : known_(true) {
  const auto& names = structure_term_names();
  for (const TermCost& cost : table.terms) {
    const auto term =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), cost.term) - names.begin());
    cells_.at(term) = cost.cells;
    registers_.at(term) = cost.registers;
  }
}

StructureCost StructureCosts::of(const Structure& structure) const {
  double cells = 0.0;
  double registers = 0.0;
  for (std::size_t term = 0; term < structure_term_count; ++term) {
    const auto count = static_cast<double>(structure[static_cast<StructureTerm>(term)]);
    cells += cells_[term] * count;
    registers += registers_[term] * count;
  }
  return {static_cast<std::uint64_t>(std::llround(cells)),
          static_cast<std::uint64_t>(std::llround(registers))};
}

bool Device::prefers_dsp(int a_bits, int b_bits) const {
  const DeviceDsp& dsp = description_.dsp;
  return static_cast<std::uint32_t>(std::min(a_bits, b_bits)) >= dsp.least_operand_bits &&
         static_cast<std::uint32_t>(a_bits + b_bits) >= dsp.least_product_bits;
}

std::uint32_t Device::multipliers_per_dsp(int a_bits, int b_bits) const {
  const auto wide = static_cast<std::uint32_t>(std::max(a_bits, b_bits));
  const auto narrow = static_cast<std::uint32_t>(std::min(a_bits, b_bits));
  std::uint32_t most = 0;
  for (const DspMode& mode : description_.dsp.modes) {
    if (wide <= std::max(mode.a_bits, mode.b_bits) && narrow <= std::min(mode.a_bits, mode.b_bits)) {
      most = std::max(most, mode.multipliers);
    }
  }
  return most;
}

MemoryCost Device::memory(std::uint64_t words, std::uint64_t width_bits) const {
  MemoryCost cost;
  if (words == 0 || width_bits == 0) {
    return cost;
  }
  if (words == 1) {
    cost.registers = width_bits;
    return cost;
  }
  const DeviceLogicRam& small = description_.logic_ram;
  if (words <= small.words) {
    cost.cells = blocks_of(width_bits, small.width_bits) * small.cells;
    return cost;
  }
  cost.blocks = UINT64_MAX;
  for (const MemoryShape& shape : description_.block_ram.shapes) {
    cost.blocks =
        std::min(cost.blocks, blocks_of(words, shape.words) * blocks_of(width_bits, shape.width_bits));
  }
  return cost;
}

BlockCount Device::block_memory(std::uint64_t words, std::uint64_t width_bits, bool is_written) const {
  const DeviceBlockRam& ram = description_.block_ram;
  const InferenceLimit& limit = is_written ? ram.written : ram.read_only;
  if (limit.bits_per_block == 0) {
    return {memory(words, width_bits).blocks, 0};
  }
  if (words <= 1 || width_bits == 0) {
    return {};
  }
  std::uint64_t count = UINT64_MAX;
  for (const MemoryShape& shape : ram.shapes) {
    const std::uint64_t shape_bits = ram.halves ? shape.width_bits / 2 : shape.width_bits;
    if (shape_bits > 0) {
      count = std::min(count, blocks_of(words, shape.words) * blocks_of(width_bits, shape_bits));
    }
  }
  const std::uint64_t bits = blocks_of(words, limit.word_multiple) * limit.word_multiple * width_bits;
  if (count == UINT64_MAX || bits < count * limit.bits_per_block + limit.bits_more) {
    return {};
  }
  return ram.halves ? BlockCount{0, count} : BlockCount{count, 0};
}

Device load_device(const std::string& path) {
  DeviceFile file;
  FieldReader::read_section(load_yaml(path), "", file);
  StructureCosts structure;
  if (!file.device.logic.structure.resolved.empty()) {
    StructureTableFile table;
    FieldReader::read_section(load_yaml(file.device.logic.structure.resolved), "", table);
    structure = StructureCosts(table.structure);
  }
  return Device(file.device, load_logic_costs(file.device.logic.table.resolved), structure);
}

LogicCosts load_logic_costs(const std::string& path) {
  LogicTableFile file;
  FieldReader::read_section(load_yaml(path), "", file);
  return {file.logic, path};
}

void DeviceSet::add(const std::string& path) {
  if (devices_.count(path) == 0) {
    devices_.emplace(path, load_device(path));
  }
}

const Device* DeviceSet::find(const std::string& path) const {
  const auto found = devices_.find(path);
  return found == devices_.end() ? nullptr : &found->second;
}

std::vector<const Device*> DeviceSet::all() const {
  std::vector<const Device*> list;
  for (const auto& [path, device] : devices_) {
    list.push_back(&device);
  }
  return list;
}

/// In an order that does not depend on where the files lie.
std::vector<std::string> DeviceSet::checksums() const {
  std::vector<std::string> sums;
  for (const auto& [path, device] : devices_) {
    const DeviceLogic& logic = device.description().logic;
    std::string sum = sha256_file(path) + sha256_file(logic.table.resolved);
    if (!logic.structure.resolved.empty()) {
      sum += sha256_file(logic.structure.resolved);
    }
    sums.push_back(std::move(sum));
  }
  std::sort(sums.begin(), sums.end());
  return sums;
}

}  // namespace lacuna::tomato

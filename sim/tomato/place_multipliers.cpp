#include <algorithm>
#include <utility>

#include "sim/tomato/operators.h"
#include "sim/tomato/resources.h"

namespace lacuna::tomato {
namespace {

std::uint64_t dsp_blocks(const Device& device, const MultiplierGroup& group) {
  if (const std::uint32_t each = device.multipliers_per_dsp(group.a_bits, group.b_bits); each > 0) {
    return divide_up(group.count, each);
  }
  // Wider products are put together from partial ones in the block's widest mode.
  std::uint64_t fewest = UINT64_MAX;
  for (const DspMode& mode : device.description().dsp.modes) {
    const auto parts =
        divide_up(static_cast<std::uint64_t>(std::max(group.a_bits, group.b_bits)), mode.a_bits) *
        divide_up(static_cast<std::uint64_t>(std::min(group.a_bits, group.b_bits)), mode.b_bits);
    fewest = std::min(fewest, divide_up(group.count * parts, mode.multipliers));
  }
  return fewest;
}

struct GroupPlace {
  std::size_t unit = 0;
  MultiplierGroup group;
  std::uint64_t cells_each = 0;
};

void place_group(const GroupPlace& placement, const Device& device, MultiplierPlace place,
                 std::uint64_t& free_dsp, Resources& resources) {
  const std::uint64_t blocks = dsp_blocks(device, placement.group);
  std::uint64_t in_dsp = 0;
  if (place == MultiplierPlace::dsp) {
    in_dsp = placement.group.count;
    resources.dsp += blocks;
  } else if (place == MultiplierPlace::automatic) {
    // As many of the group as the free blocks hold.
    const std::uint64_t used = std::min(blocks, free_dsp);
    in_dsp = used == blocks ? placement.group.count
                            : placement.group.count * used / std::max<std::uint64_t>(blocks, 1);
    resources.dsp += used;
    free_dsp -= used;
  }
  const std::uint64_t in_logic = placement.group.count - in_dsp;
  resources.multipliers_in_dsp += in_dsp;
  resources.multipliers_in_logic += in_logic;
  resources.cells += in_logic * placement.cells_each;
  resources.registers +=
      in_logic * static_cast<std::uint64_t>(placement.group.a_bits + placement.group.b_bits);
}

/// All multiplier groups of `units`, taken out of them, those that would take the most logic first.
std::vector<GroupPlace> take_multipliers(std::vector<Resources>& units, const Device& device) {
  std::vector<GroupPlace> placements;
  for (std::size_t i = 0; i < units.size(); ++i) {
    for (const MultiplierGroup& group : units[i].multipliers) {
      placements.push_back({i, group, multiplier_cells(device, group.a_bits, group.b_bits)});
    }
    units[i].multipliers.clear();
  }
  std::stable_sort(placements.begin(), placements.end(),
                   [](const GroupPlace& a, const GroupPlace& b) { return a.cells_each > b.cells_each; });
  return placements;
}

}  // namespace

std::uint64_t multiplier_cells(const Device& device, int a_bits, int b_bits) {
  constexpr int widest = 16;
  if (a_bits <= widest && b_bits <= widest) {
    return device.logic().multiplier(NumberKind::fixed, std::min(a_bits, b_bits), std::max(a_bits, b_bits));
  }
  const int wide = std::max(a_bits, b_bits);
  const int narrow = std::min(a_bits, b_bits);
  const int half = (wide + 1) / 2;
  return 2 * multiplier_cells(device, half, narrow) + device.logic().adder(std::min(48, half + narrow));
}

DeviceResources place_multipliers(std::vector<Resources> units, const Device& device, MultiplierPlace place) {
  DeviceResources placed;
  placed.units = std::move(units);
  std::uint64_t free_dsp = device.description().dsp.blocks;
  for (const GroupPlace& placement : take_multipliers(placed.units, device)) {
    place_group(placement, device, place, free_dsp, placed.units[placement.unit]);
  }
  for (const Resources& unit : placed.units) {
    placed.total += unit;
  }
  return placed;
}

}  // namespace lacuna::tomato

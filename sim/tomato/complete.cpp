#include "sim/tomato/complete.h"

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/tomato/balance.h"

namespace lacuna::tomato {
namespace {

/// "6012 DSP, of which there are 5760" for every resource that does not suffice on any device.
std::string shortage(const Placement& placement, const Device& device) {
  std::string text;
  for (std::size_t d = 0; d < placement.devices.size(); ++d) {
    for (const ResourceUse& use : device_use(placement.devices[d].total, device)) {
      if (!use.fits()) {
        text += fmt::format("{}{}{} {}, of which there are {}", text.empty() ? "" : "; ",
                            placement.devices.size() > 1 ? fmt::format("device {}: ", d) : "", use.used,
                            use.name, use.available);
      }
    }
  }
  return text;
}

/// Resources with the final FIFOs and links, on the devices chosen.
void account(const TomatoArchitecture& architecture, Machine& machine) {
  Placement& placement = *machine.placement;
  const std::vector<Resources> units = unit_resources(machine.pipeline, machine.analysis, *machine.device);
  for (std::size_t d = 0; d < placement.devices.size(); ++d) {
    std::vector<std::size_t> members;
    std::vector<Resources> part;
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      if (placement.device_of_unit[unit] == d) {
        members.push_back(unit);
        part.push_back(units[unit]);
      }
    }
    placement.devices[d] = place_multipliers(std::move(part), *machine.device, architecture.multipliers);
    for (std::size_t i = 0; i < members.size(); ++i) {
      placement.units[members[i]] = placement.devices[d].units[i];
    }
  }
}

}  // namespace

Placement place(const TomatoArchitecture& architecture, const Machine& machine) {
  const std::uint64_t slowest =
      planned_cycles_per_frame(machine.analysis, planned_bottleneck(machine.analysis));
  return place_on_devices(machine.pipeline, machine.analysis, *machine.device, architecture,
                          machine.target.value_or(slowest));
}

bool has_room(const TomatoArchitecture& architecture, const Machine& machine) {
  return !machine.device || place(architecture, machine).fits(*machine.device);
}

void complete(const TomatoArchitecture& architecture, Machine& machine) {
  if (machine.device) {
    machine.placement = place(architecture, machine);
    insert_links(machine.pipeline, machine.analysis, architecture, *machine.placement);
    machine.analysis = analyse(machine.pipeline, architecture.parameters);
  }
  if (architecture.size_fifos) {
    machine.sizing = machine.sizings == nullptr
                         ? size_fifos(machine.pipeline, architecture.parameters)
                         : machine.sizings->size(machine.pipeline, architecture.parameters);
  }
  if (machine.device) {
    account(architecture, machine);
  }
}

void require_room(const TomatoArchitecture& architecture, const Machine& machine) {
  if (machine.device) {
    require_room(architecture, *machine.device, *machine.placement, "the machine",
                 "more cycles per frame, a larger device, more devices, or narrower formats");
  }
}

void require_room(const TomatoArchitecture& architecture, const Device& device, const Placement& placement,
                  const std::string& what, const std::string& allowed) {
  if (!placement.fits(device)) {
    throw CapacityError(
        architecture.place,
        fmt::format("{} needs {} on {}", what, shortage(placement, device), device.description().name),
        allowed);
  }
}

}  // namespace lacuna::tomato

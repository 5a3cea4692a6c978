#include "sim/tomato/machine.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/tomato/lanes_error.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/gated_targets.h"
#include "sim/tomato/lowering.h"

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
void account(const TomatoArchitecture& architecture, MachineDesign& machine) {
  Placement& placement = *machine.placement;
  const std::vector<Resources> units =
      unit_resources(machine.pipeline, machine.analysis, *machine.device, architecture);
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

Placement place(const TomatoArchitecture& architecture, const MachineDesign& machine) {
  const std::uint64_t slowest =
      planned_cycles_per_frame(machine.analysis, planned_bottleneck(machine.analysis));
  return place_on_devices(machine.pipeline, machine.analysis, *machine.device, architecture,
                          machine.target.value_or(slowest));
}

bool may_have_room(const TomatoArchitecture& architecture, const MachineDesign& machine) {
  if (!machine.device) {
    return true;
  }
  if (!architecture.size_fifos) {
    return place(architecture, machine).fits(*machine.device);
  }
  MachineDesign without_fifos = machine;
  for (Edge& edge : without_fifos.pipeline.edges) {
    edge.depth = 0;
  }
  return place(architecture, without_fifos).fits(*machine.device);
}

void complete(const TomatoArchitecture& architecture, MachineDesign& machine) {
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

void require_room(const TomatoArchitecture& architecture, const MachineDesign& machine) {
  if (machine.device) {
    require_room(architecture, *machine.device, *machine.placement, "the machine",
                 "more cycles per frame, a larger device, more devices, or narrower formats");
  }
}

void require_room(const TomatoArchitecture& architecture, const Device& device, const Placement& placement,
                  const std::string& what, const std::string& allowed) {
  if (!placement.fits(device)) {
    const std::string used =
        placement.unused_devices == 0
            ? std::string()
            : fmt::format(" ({} of {} devices are used: there are no more cuts that the links can carry)",
                          placement.devices.size(), architecture.devices);
    throw CapacityError(architecture.place,
                        fmt::format("{} needs {} on {}{}", what, shortage(placement, device),
                                    device.description().name, used),
                        allowed + (used.empty() ? "" : ", or faster links"));
  }
}

namespace {

std::optional<std::uint64_t> target_of(const TomatoArchitecture& architecture) {
  if (!architecture.balance) {
    return std::nullopt;
  }
  if (architecture.balance->target_frames_per_second) {
    constexpr double hz_per_mhz = 1e6;
    const double cycles =
        architecture.parameters.clock_mhz * hz_per_mhz / *architecture.balance->target_frames_per_second;
    return static_cast<std::uint64_t>(std::max(1.0, std::floor(cycles)));
  }
  return architecture.balance->target_cycles_per_frame;
}

/// The first of low..high for which `suffices` holds; that it does for `high` is known.
template <class Suffices>
std::size_t first_of(std::size_t low, std::size_t high, Suffices suffices) {
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (suffices(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

class UnrollChooser {
 public:
  UnrollChooser(const TomatoArchitecture& architecture, MachineDesign bare,
                const std::vector<FixedUnroll>& fixed)
      : architecture_(architecture), machine_(std::move(bare)), fixed_(fixed) {}

  MachineDesign choose() {
    if (architecture_.balance && architecture_.balance->fill_device == false) {
      throw ConfigurationError(architecture_.place, "balance: fill_device: false is no goal",
                               "fill_device: true, target_cycles_per_frame or target_frames_per_second");
    }
    machine_.target = target_of(architecture_);
    if (architecture_.balance && !machine_.target) {
      fill_device();
    } else {
      keep_to_target();
    }
    require_room(architecture_, machine_);
    return std::move(machine_);
  }

  /// The same without what comes behind the unroll factors of the throughput.
  Analysis plan() {
    machine_.target = target_of(architecture_);
    if (machine_.target) {
      balance_for(*machine_.target);
    } else if (architecture_.balance && machine_.device) {
      const MachineDesign bare = machine_;
      for (const std::uint64_t target : fill_targets()) {
        if (may_fit_at(target, bare)) {
          break;
        }
      }
    }
    return std::move(machine_.analysis);
  }

 private:
  void keep_to_target() {
    if (machine_.target) {
      balance_for(*machine_.target);
    }
    if (architecture_.balance && architecture_.balance->minimise_latency) {
      minimise_latency();
    } else if (architecture_.balance && architecture_.balance->target_latency_us) {
      meet_latency(*architecture_.balance->target_latency_us);
    } else {
      complete(architecture_, machine_);
    }
  }

  void balance_for(std::uint64_t target) {
    balance(machine_.pipeline, machine_.analysis, fixed_,
            gated_targets(machine_.pipeline, machine_.analysis, fixed_, target));
    machine_.analysis = analyse(machine_.pipeline, architecture_.parameters);
  }

  /// Builds the machine for a target from `bare`; whether all units can keep to it and devices have room.
  bool fits_at(std::uint64_t target, const MachineDesign& bare) {
    if (!may_fit_at(target, bare)) {
      return false;
    }
    complete(architecture_, machine_);
    return machine_.placement->fits(*machine_.device);
  }

  /// The same as far as it is known before FIFOs are sized; false is final.
  bool may_fit_at(std::uint64_t target, const MachineDesign& bare) {
    machine_ = bare;
    machine_.target = target;
    try {
      balance_for(target);
    } catch (const ConfigurationError&) {
      return false;
    }
    return may_have_room(architecture_, machine_);
  }

  std::vector<std::uint64_t> fill_targets() const {
    return target_candidates(machine_.pipeline, machine_.analysis,
                             link_cycles(machine_.pipeline, machine_.analysis, architecture_));
  }

  /// The fewest cycles per frame that the device has room for. Targets are tried one by one: room does not
  /// always grow with the cycles, since other cuts and fewer but wider operators come with them.
  void fill_device() {
    if (!machine_.device) {
      throw ConfigurationError(architecture_.place, "no device to fill", "device: FILE");
    }
    if (architecture_.balance->minimise_latency || architecture_.balance->target_latency_us) {
      throw ConfigurationError(architecture_.place,
                               "a device that is filled has no room for a shorter latency",
                               "target_cycles_per_frame or target_frames_per_second");
    }
    const std::vector<std::uint64_t> targets = fill_targets();
    const MachineDesign bare = machine_;
    const bool found =
        std::any_of(targets.begin(), targets.end(), [&](std::uint64_t each) { return fits_at(each, bare); });
    if (!found) {
      machine_ = bare;
      machine_.target = targets.back();
      balance_for(targets.back());
      require_room(architecture_, *machine_.device, place(architecture_, machine_),
                   fmt::format("even with {} cycles for a frame the network", targets.back()),
                   "a larger device, more devices, or narrower formats");
      complete(architecture_, machine_);
    }
  }

  void take_step(const LatencySteps& steps, const MachineDesign& balanced, std::size_t step) {
    machine_ = balanced;
    balance(machine_.pipeline, balanced.analysis, fixed_, steps.targets(step));
    machine_.analysis = analyse(machine_.pipeline, architecture_.parameters);
  }

  /// The last step for which the device has room; without a device the last step.
  void minimise_latency() {
    if (architecture_.balance->target_latency_us) {
      throw ConfigurationError(architecture_.place, "both a latency and the shortest one are asked for",
                               "target_latency_us or minimise_latency");
    }
    const MachineDesign balanced = machine_;
    const LatencySteps steps(balanced.pipeline, balanced.analysis, fixed_);
    std::size_t beyond = first_of(1, LatencySteps::count, [&](std::size_t step) {
      take_step(steps, balanced, step);
      return !may_have_room(architecture_, machine_);
    });
    // FIFOs that were sized and links may take more than there is left.
    do {
      --beyond;
      take_step(steps, balanced, beyond);
      complete(architecture_, machine_);
    } while (beyond > 0 && machine_.device && !machine_.placement->fits(*machine_.device));
  }

  double latency_us(bool never_full) const {
    return static_cast<double>(frame_latency(machine_.pipeline, architecture_.parameters, never_full)) /
           architecture_.parameters.clock_mhz;
  }

  /// The first step that is fast enough; links and smaller FIFOs may take a few steps more.
  void meet_latency(double target_us) {
    const MachineDesign balanced = machine_;
    const LatencySteps steps(balanced.pipeline, balanced.analysis, fixed_);
    const std::size_t first = first_of(0, LatencySteps::count - 1, [&](std::size_t step) {
      take_step(steps, balanced, step);
      return latency_us(architecture_.size_fifos) <= target_us;
    });
    for (std::size_t step = first; step < LatencySteps::count; ++step) {
      take_step(steps, balanced, step);
      complete(architecture_, machine_);
      if (latency_us(false) <= target_us) {
        return;
      }
    }
    throw ConfigurationError(
        architecture_.place,
        fmt::format("with a token a cycle in every unit a frame still takes {:.6g} us, not {:.6g}",
                    latency_us(false), target_us),
        "a longer latency, a higher clock, or fewer cycles per frame");
  }

  const TomatoArchitecture& architecture_;
  MachineDesign machine_;
  const std::vector<FixedUnroll>& fixed_;
};

}  // namespace

MachineDesign choose_unroll(const TomatoArchitecture& architecture, MachineDesign bare,
                            const std::vector<FixedUnroll>& fixed) {
  return UnrollChooser(architecture, std::move(bare), fixed).choose();
}

Analysis planned_analysis(const TomatoArchitecture& architecture, MachineDesign bare,
                          const std::vector<FixedUnroll>& fixed) {
  return UnrollChooser(architecture, std::move(bare), fixed).plan();
}

namespace {

LoweredNetwork lowered_network(const TomatoConfig& config, const Network& network,
                               const LargestValues& largest, const std::vector<LayerHardware>& hardware) {
  LoweringOptions options;
  options.with_values = config.outputs;
  options.largest = largest;
  options.seed = config.seed;
  return lower(network, hardware, options);
}

/// Where the settings of a layer stand; those of the architecture for no layer.
ErrorPlace place_of(const std::string& layer, const Network& network,
                    const std::vector<LayerHardware>& hardware, const ErrorPlace& otherwise) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (network.layers[i].name == layer) {
      return hardware[i].place;
    }
  }
  return otherwise;
}

/// The key that states so many lanes (LayerSettings).
const char* unroll_key(Lanes lanes) {
  switch (lanes) {
    case Lanes::input_channels:
      return "unroll_inputs";
    case Lanes::output_channels:
      return "unroll_outputs";
    case Lanes::taps:
      break;
  }
  return "unroll_kernel";
}

/// Stated unroll factors; 1 for the others.
void state_unroll(Pipeline& pipeline, const std::vector<FixedUnroll>& fixed) {
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    pipeline.units[i].unroll = {fixed[i].input_channels.value_or(1), fixed[i].output_channels.value_or(1),
                                fixed[i].taps.value_or(1)};
  }
}

/// Lowers the network, states its unroll factors, and gives the bare machine to `finish`.
template <class Finish>
auto from_bare_machine(const TomatoConfig& config, const Network& network, const LargestValues& largest,
                       SharedParts* shared, Finish finish) {
  const TomatoArchitecture& architecture = config.architecture;
  const std::vector<LayerHardware> hardware = layer_hardware(network, architecture);
  LoweredNetwork lowered = lowered_network(config, network, largest, hardware);
  MachineDesign machine;
  machine.pipeline = std::move(lowered.pipeline);
  machine.weight_errors = std::move(lowered.weight_errors);
  machine.weights = std::move(lowered.weights);
  machine.results = std::move(lowered.results);
  machine.sizings = shared == nullptr ? nullptr : &shared->sizings;
  state_unroll(machine.pipeline, lowered.fixed);
  if (!architecture.device.empty()) {
    const std::string& path = architecture.device.resolved;
    const Device* known = shared == nullptr ? nullptr : shared->devices.find(path);
    machine.device = known == nullptr ? load_device(path) : *known;
  } else if (architecture.devices > 1) {
    throw ConfigurationError(architecture.place, "several devices without saying which", "device: FILE");
  }
  try {
    machine.analysis = analyse(machine.pipeline, architecture.parameters);
    if (!architecture.balance) {
      keep_pace(machine.pipeline, machine.analysis, lowered.fixed);
      machine.analysis = analyse(machine.pipeline, architecture.parameters);
    }
    return finish(std::move(machine), lowered.fixed);
  } catch (const PipelineError& error) {
    const std::string layer = error.layer().empty() ? "" : fmt::format("layer '{}': ", error.layer());
    ErrorPlace place = place_of(error.layer(), network, hardware, architecture.place);
    if (const auto* lanes = dynamic_cast<const LanesError*>(&error)) {
      place.key += std::string(".") + unroll_key(lanes->lanes());
    }
    throw ConfigurationError(place, layer + error.what());
  }
}

}  // namespace

MachineDesign build_machine(const TomatoConfig& config, const Network& network, const LargestValues& largest,
                            SharedParts* shared) {
  return from_bare_machine(config, network, largest, shared,
                           [&](MachineDesign bare, const std::vector<FixedUnroll>& fixed) {
                             return choose_unroll(config.architecture, std::move(bare), fixed);
                           });
}

std::uint64_t planned_machine_cycles(const TomatoConfig& config, const Network& network,
                                     const LargestValues& largest) {
  return from_bare_machine(
      config, network, largest, nullptr, [&](MachineDesign bare, const std::vector<FixedUnroll>& fixed) {
        const Analysis plan = planned_analysis(config.architecture, std::move(bare), fixed);
        return planned_cycles_per_frame(plan, planned_bottleneck(plan));
      });
}

}  // namespace lacuna::tomato

#include "sim/tomato/machine.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/tomato/latency.h"
#include "sim/tomato/lower.h"

namespace lacuna::tomato {
namespace {

/// "needs 6,012 DSP of 5,760" for every resource that does not suffice on any device.
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

class MachineBuilder {
 public:
  MachineBuilder(const TomatoConfig& config, const Network& network, const std::vector<double>& largest)
      : architecture_(config.architecture) {
    const std::vector<LayerHardware> hardware = layer_hardware(network, architecture_);
    LoweringOptions options;
    options.with_values = config.outputs;
    options.largest = largest;
    options.seed = config.seed;
    LoweredNetwork lowered = lower(network, hardware, options);
    machine_.pipeline = std::move(lowered.pipeline);
    machine_.weight_errors = std::move(lowered.weight_errors);
    fixed_ = std::move(lowered.fixed);
    state_unroll();
    if (!architecture_.device.empty()) {
      machine_.device = load_device(architecture_.device.resolved);
    } else if (architecture_.devices > 1) {
      throw ConfigurationError(architecture_.place, "several devices without saying which", "device: FILE");
    }
  }

  Machine build() {
    machine_.target = target();
    if (architecture_.balance && !machine_.target) {
      fill_device();
    } else {
      if (machine_.target) {
        balance_for(*machine_.target);
      }
      finish();
      require_room();
    }
<<<<<<< HEAD
    if (architecture_.balance && architecture_.balance->minimise_latency) {
      minimise_latency();
      finish();
    } else if (architecture_.balance && architecture_.balance->target_latency_us) {
      finish_within(*architecture_.balance->target_latency_us);
    } else {
      finish();
    }
=======
>>>>>>> tomnet
    return std::move(machine_);
  }

 private:
  /// Stated unroll factors; 1 for the others.
  void state_unroll() {
    for (std::size_t i = 0; i < fixed_.size(); ++i) {
      machine_.pipeline.units[i].unroll = {std::max(1U, fixed_[i].input_channels),
                                           std::max(1U, fixed_[i].output_channels),
                                           std::max(1U, fixed_[i].taps)};
    }
    machine_.analysis = analyse(machine_.pipeline, architecture_.parameters);
  }

  std::optional<std::uint64_t> target() const {
    if (!architecture_.balance) {
      return std::nullopt;
    }
    if (architecture_.balance->target_frames_per_second) {
      constexpr double hz_per_mhz = 1e6;
      const double cycles =
          architecture_.parameters.clock_mhz * hz_per_mhz / *architecture_.balance->target_frames_per_second;
      return static_cast<std::uint64_t>(std::max(1.0, std::floor(cycles)));
    }
    return architecture_.balance->target_cycles_per_frame;
  }

  void balance_for(std::uint64_t target) {
    balance(machine_.pipeline, machine_.analysis, fixed_, target);
    machine_.analysis = analyse(machine_.pipeline, architecture_.parameters);
  }

  Placement place(std::uint64_t target) const {
    return place_on_devices(machine_.pipeline, machine_.analysis, *machine_.device, architecture_, target);
  }

  /// Whether all units can keep to a target, links carry it, and devices have room; not yet with FIFO depths.
  bool has_room(std::uint64_t target) {
    try {
      balance_for(target);
      return place(target).fits(*machine_.device);
    } catch (const ConfigurationError&) {
      return false;
    }
  }

  /// The position of the first of `targets` from `low` on for which `suffices` holds; that for the last is
  /// known.
  template <class Suffices>
  static std::size_t first_of(const std::vector<std::uint64_t>& targets, std::size_t low, Suffices suffices) {
    std::size_t high = targets.size() - 1;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (suffices(targets[middle])) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return high;
  }

  /// The fewest cycles per frame that the device has room for; room grows with the cycles.
  void fill_device() {
    if (!machine_.device) {
      throw ConfigurationError(architecture_.place, "no device to fill", "device: FILE");
    }
    const std::vector<std::uint64_t> targets = target_candidates(machine_.pipeline, machine_.analysis);
    balance_for(targets.back());
    if (const Placement placement = place(targets.back()); !placement.fits(*machine_.device)) {
      throw CapacityError(architecture_.place,
                          fmt::format("even with {} cycles for a frame the network needs {}", targets.back(),
                                      shortage(placement, *machine_.device)),
                          "a larger device, more devices, or narrower formats");
    }
    const Machine bare = machine_;
    const auto is_complete = [&](std::uint64_t cycles) {
      machine_ = bare;
      machine_.target = cycles;
      balance_for(cycles);
      finish();
      return machine_.placement->fits(*machine_.device);
    };
    const std::size_t first = first_of(targets, 0, [&](std::uint64_t cycles) { return has_room(cycles); });
    // FIFOs that were sized and links may take more than there is left: then more cycles per frame.
    if (!is_complete(targets[first])) {
      is_complete(targets[first_of(targets, first, is_complete)]);
      require_room();
    }
  }

  void take_step(const LatencySteps& steps, const Analysis& balanced, int step) {
    balance(machine_.pipeline, balanced, fixed_, steps.targets(step));
    machine_.analysis = analyse(machine_.pipeline, architecture_.parameters);
  }

  bool has_room_now() const {
    return !machine_.device || place(machine_.target.value_or(slowest_cycles())).fits(*machine_.device);
  }

  /// The last step for which the device has room; without a device the last step.
  void minimise_latency() {
    if (architecture_.balance->target_latency_us) {
      throw ConfigurationError(architecture_.place, "both a latency and the shortest one are asked for",
                               "target_latency_us or minimise_latency");
    }
    const Analysis balanced = machine_.analysis;
    const LatencySteps steps(machine_.pipeline, balanced, fixed_);
    int low = 0;
    int beyond = LatencySteps::count;
    while (beyond - low > 1) {
      const int middle = low + (beyond - low) / 2;
      take_step(steps, balanced, middle);
      (has_room_now() ? low : beyond) = middle;
    }
    take_step(steps, balanced, low);
  }

  double latency_us(bool never_full) const {
    return static_cast<double>(frame_latency(machine_.pipeline, architecture_.parameters, never_full)) /
           architecture_.parameters.clock_mhz;
  }

  /// Finishes the machine with the first step that is fast enough; links and smaller FIFOs may take a few
  /// steps more.
  void finish_within(double target_us) {
    const Analysis balanced = machine_.analysis;
    const LatencySteps steps(machine_.pipeline, balanced, fixed_);
    int too_slow = -1;
    int enough = LatencySteps::count - 1;
    while (enough - too_slow > 1) {
      const int middle = too_slow + (enough - too_slow) / 2;
      take_step(steps, balanced, middle);
      (latency_us(architecture_.size_fifos) <= target_us ? enough : too_slow) = middle;
    }
    for (; enough < LatencySteps::count; ++enough) {
      take_step(steps, balanced, enough);
      const Machine unfinished = machine_;
      finish();
      if (latency_us(false) <= target_us) {
        return;
      }
      if (enough + 1 < LatencySteps::count) {
        machine_ = unfinished;
      }
    }
    throw ConfigurationError(
        architecture_.place,
        fmt::format("with a token a cycle in every unit a frame still takes {:.6g} us, not {:.6g}",
                    latency_us(false), target_us),
        "a longer latency, a higher clock, or fewer cycles per frame");
  }

  std::uint64_t slowest_cycles() const {
    return cycles_per_frame(machine_.analysis, bottleneck(machine_.analysis));
  }

  void finish() {
    if (machine_.device) {
      machine_.placement = place(machine_.target.value_or(slowest_cycles()));
      insert_links(machine_.pipeline, machine_.analysis, architecture_, *machine_.placement);
      machine_.analysis = analyse(machine_.pipeline, architecture_.parameters);
    }
    if (architecture_.size_fifos) {
      machine_.sizing = size_fifos(machine_.pipeline, architecture_.parameters);
    }
    if (machine_.device) {
      account();
    }
  }

  /// Throws CapacityError when a device has no room for the complete machine.
  void require_room() const {
    if (machine_.device && !machine_.placement->fits(*machine_.device)) {
      throw CapacityError(
          architecture_.place,
          fmt::format("the machine needs {} on {}", shortage(*machine_.placement, *machine_.device),
                      machine_.device->description().name),
          "more cycles per frame, a larger device, more devices, or narrower formats");
    }
  }

  /// Resources with the final FIFOs and links, on the devices chosen.
  void account() {
    Placement& placement = *machine_.placement;
    const std::vector<Resources> units =
        unit_resources(machine_.pipeline, machine_.analysis, *machine_.device);
    for (std::size_t d = 0; d < placement.devices.size(); ++d) {
      std::vector<std::size_t> members;
      std::vector<Resources> part;
      for (std::size_t unit = 0; unit < units.size(); ++unit) {
        if (placement.device_of_unit[unit] == d) {
          members.push_back(unit);
          part.push_back(units[unit]);
        }
      }
      placement.devices[d] = place_multipliers(std::move(part), *machine_.device, architecture_.multipliers);
      for (std::size_t i = 0; i < members.size(); ++i) {
        placement.units[members[i]] = placement.devices[d].units[i];
      }
    }
  }

  const TomatoArchitecture& architecture_;
  Machine machine_;
  std::vector<FixedUnroll> fixed_;
};

}  // namespace

Machine build_machine(const TomatoConfig& config, const Network& network,
                      const std::vector<double>& largest) {
  return MachineBuilder(config, network, largest).build();
}

}  // namespace lacuna::tomato

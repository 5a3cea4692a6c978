#include "sim/tomato/choose_unroll.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/tomato/complete.h"
#include "sim/tomato/latency.h"

namespace lacuna::tomato {
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
  UnrollChooser(const TomatoArchitecture& architecture, Machine bare, const std::vector<FixedUnroll>& fixed)
      : architecture_(architecture), machine_(std::move(bare)), fixed_(fixed) {}

  Machine choose() {
    machine_.target = target_of(architecture_);
    if (architecture_.balance && !machine_.target) {
      fill_device();
    } else {
      keep_to_target();
    }
    require_room(architecture_, machine_);
    return std::move(machine_);
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
    balance(machine_.pipeline, machine_.analysis, fixed_, target);
    machine_.analysis = analyse(machine_.pipeline, architecture_.parameters);
  }

  /// Whether all units can keep to a target, links carry it, and devices have room; not yet with FIFO depths.
  bool has_room_at(std::uint64_t target) {
    try {
      machine_.target = target;
      balance_for(target);
      return has_room(architecture_, machine_);
    } catch (const ConfigurationError&) {
      return false;
    }
  }

  /// The fewest cycles per frame that the device has room for; room grows with the cycles.
  void fill_device() {
    if (!machine_.device) {
      throw ConfigurationError(architecture_.place, "no device to fill", "device: FILE");
    }
    if (architecture_.balance->minimise_latency || architecture_.balance->target_latency_us) {
      throw ConfigurationError(architecture_.place,
                               "a device that is filled has no room for a shorter latency",
                               "target_cycles_per_frame or target_frames_per_second");
    }
    const std::vector<std::uint64_t> targets = target_candidates(machine_.pipeline, machine_.analysis);
    machine_.target = targets.back();
    balance_for(targets.back());
    require_room(architecture_, *machine_.device, place(architecture_, machine_),
                 fmt::format("even with {} cycles for a frame the network", targets.back()),
                 "a larger device, more devices, or narrower formats");
    const Machine bare = machine_;
    const auto is_complete = [&](std::size_t position) {
      machine_ = bare;
      machine_.target = targets[position];
      balance_for(targets[position]);
      complete(architecture_, machine_);
      return machine_.placement->fits(*machine_.device);
    };
    const std::size_t last = targets.size() - 1;
    const std::size_t first =
        first_of(0, last, [&](std::size_t position) { return has_room_at(targets[position]); });
    // FIFOs that were sized and links may take more than there is left: then more cycles per frame.
    if (!is_complete(first)) {
      is_complete(first_of(first, last, is_complete));
    }
  }

  void take_step(const LatencySteps& steps, const Machine& balanced, std::size_t step) {
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
    const Machine balanced = machine_;
    const LatencySteps steps(balanced.pipeline, balanced.analysis, fixed_);
    std::size_t beyond = first_of(1, LatencySteps::count, [&](std::size_t step) {
      take_step(steps, balanced, step);
      return !has_room(architecture_, machine_);
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
    const Machine balanced = machine_;
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
  Machine machine_;
  const std::vector<FixedUnroll>& fixed_;
};

}  // namespace

Machine choose_unroll(const TomatoArchitecture& architecture, Machine bare,
                      const std::vector<FixedUnroll>& fixed) {
  return UnrollChooser(architecture, std::move(bare), fixed).choose();
}

}  // namespace lacuna::tomato

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
#include "sim/network/network.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/cut.h"
#include "sim/tomato/device.h"
#include "sim/tomato/fifo_sizing.h"
#include "sim/tomato/layer_hardware.h"
#include "sim/tomato/lowering.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// What the machines of many configurations can share.
struct SharedParts {
  DeviceSet devices;  ///< read already; others are read when a machine needs them
  SharedSizings sizings;
};

/// A machine for one network, ready to run.
struct MachineDesign {
  Pipeline pipeline;
  Analysis analysis;
  std::vector<double> weight_errors;  ///< mean squared error of each layer's weights, as in Network::layers
  std::vector<QuantisationTally> weights;            ///< as in LoweredNetwork
  std::vector<std::optional<LayerResults>> results;  ///< the same
  std::optional<std::uint64_t> target;  ///< cycles per frame that the unroll factors were chosen for
  std::optional<FifoSizing> sizing;
  std::optional<Device> device;
  std::optional<Placement> placement;  ///< with a device
  SharedSizings* sizings = nullptr;    ///< of machines built before; null: FIFOs are sized for this one
};

/// Builds the machine that a configuration describes: layers lowered to units, unroll factors balanced, FIFOs
/// sized, units placed on devices, links put in. `largest` is empty without values. Throws ConfigurationError
/// for what the machine cannot do, and CapacityError, naming the resource that ran out, when it does not fit
/// the device. `shared` outlives the machine.
MachineDesign build_machine(const TomatoConfig& config, const Network& network, const LargestValues& largest,
                            SharedParts* shared = nullptr);

/// Cycles of a frame that the slowest unit of that machine needs, before FIFOs are sized and anything is
/// simulated: no run has fewer from frame to frame, unless gates close channels. Throws likewise.
std::uint64_t planned_machine_cycles(const TomatoConfig& config, const Network& network,
                                     const LargestValues& largest);

/// Units on the machine's devices, of which there must be some; without the links between them.
Placement place(const TomatoArchitecture& architecture, const MachineDesign& machine);

/// Whether devices have room for the units before there are links; of FIFOs that will be sized nothing is
/// counted, so that what is refused here has no room when it is complete. Always without a device.
bool may_have_room(const TomatoArchitecture& architecture, const MachineDesign& machine);

/// Completes a machine with unroll factors: places units on devices and puts links between these, sizes
/// FIFOs, and accounts for what all of it takes. Throws ConfigurationError for a chain that cannot be cut or
/// stands still.
void complete(const TomatoArchitecture& architecture, MachineDesign& machine);

/// Throws CapacityError, naming the resources, when a device has no room for the complete machine.
void require_room(const TomatoArchitecture& architecture, const MachineDesign& machine);

/// The same for a machine placed but not complete; `what` begins the message.
void require_room(const TomatoArchitecture& architecture, const Device& device, const Placement& placement,
                  const std::string& what, const std::string& allowed);

/// Completes `bare`, whose units have the stated unroll factors (`fixed`, as Pipeline::units) and else 1,
/// with the factors that `balance` asks for: for a target, for a full device, and for a latency. Throws
/// ConfigurationError for what cannot be reached, CapacityError for what a device has no room for.
MachineDesign choose_unroll(const TomatoArchitecture& architecture, MachineDesign bare,
                            const std::vector<FixedUnroll>& fixed);

/// The analysis of that machine as far as it is known before FIFOs are sized: with a device to fill, of the
/// fastest one that may have room, than which the machine is not faster.
Analysis planned_analysis(const TomatoArchitecture& architecture, MachineDesign bare,
                          const std::vector<FixedUnroll>& fixed);

}  // namespace lacuna::tomato

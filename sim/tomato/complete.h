#pragma once

#include <cstdint>

#include "sim/tomato/cut.h"
#include "sim/tomato/machine.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// Units on the machine's devices, of which there must be some; without the links between them.
Placement place(const TomatoArchitecture& architecture, const Machine& machine);

/// Whether devices have room for the units, before FIFOs are sized; always without a device.
bool has_room(const TomatoArchitecture& architecture, const Machine& machine);

/// Completes a machine with unroll factors: places units on devices and puts links between these, sizes
/// FIFOs, and accounts for what all of it takes. Throws ConfigurationError for a chain that cannot be cut or
/// stands still.
void complete(const TomatoArchitecture& architecture, Machine& machine);

/// Throws CapacityError, naming the resources, when a device has no room for the complete machine.
void require_room(const TomatoArchitecture& architecture, const Machine& machine);

/// The same for a machine placed but not complete; `what` begins the message.
void require_room(const TomatoArchitecture& architecture, const Device& device, const Placement& placement,
                  const std::string& what, const std::string& allowed);

}  // namespace lacuna::tomato

#pragma once

#include "sim/tomato/device_set.h"
#include "sim/tomato/shared_sizings.h"

namespace lacuna::tomato {

/// What the machines of many configurations can share.
struct SharedParts {
  DeviceSet devices;  ///< read already; others are read when a machine needs them
  SharedSizings sizings;
};

}  // namespace lacuna::tomato

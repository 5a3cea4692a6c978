#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
#include "sim/tomato/resources.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// Which device each unit lies on, and what each device gives.
struct Placement {
  std::vector<std::size_t> device_of_unit;  ///< as in Pipeline::units
  std::vector<DeviceResources> devices;     ///< units in the order of Pipeline::units that lie on it
  std::vector<Resources> units;             ///< as in Pipeline::units, multipliers placed
  std::vector<std::size_t> cut_edges;       ///< between device d and d + 1
  std::size_t unused_devices = 0;           ///< for which there are no cuts that links can carry

  /// Whether every device has room.
  bool fits(const Device& device) const;
  /// The largest share of any resource on any device.
  double largest_share(const Device& device) const;
};

/// A link's constants at a clock. The far end's buffer is as large as it takes to keep the link busy. Throws
/// ConfigurationError, at `place`, for words or buffers that no machine has.
Link link_between(const LinkConfig& config, double clock_mhz, const Stream& stream, const ErrorPlace& place);

/// Cuts the pipeline over `count` devices in a chain so that the fullest is as empty as possible. It is cut
/// where a single stream of pixels crosses, which the link must carry in `target` cycles per frame; where
/// there are fewer such places, over fewer devices. Throws ConfigurationError when links are slower than a
/// bit per cycle.
Placement place_on_devices(const Pipeline& pipeline, const Analysis& analysis, const Device& device,
                           const TomatoArchitecture& architecture, std::uint64_t target);

/// Cycles that links between devices would take for a frame of each stream that they can carry.
std::vector<std::uint64_t> link_cycles(const Pipeline& pipeline, const Analysis& analysis,
                                       const TomatoArchitecture& architecture);

/// Puts a link into each cut edge; the links lie on the device that sends.
void insert_links(Pipeline& pipeline, const Analysis& analysis, const TomatoArchitecture& architecture,
                  Placement& placement);

}  // namespace lacuna::tomato

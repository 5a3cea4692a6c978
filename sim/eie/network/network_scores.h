#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/eie/network/prepared_network.h"
#include "sim/eie/run/network_report.h"

namespace lacuna {

/// Enters what the floating-point network gave for the calibration images.
void score_reference(const std::vector<Tensor>& outputs, const std::vector<std::int32_t>& labels,
                     NetworkReport& report);

/// Enters the network's outputs for the images from `first` on: `tensors` [layer][image]. A softmax at the
/// end is computed from the real values before it, not rounded to the machine's format.
void score_outputs(const PreparedNetwork& network, const std::vector<std::vector<RawTensor>>& tensors,
                   std::size_t first, const std::vector<std::int32_t>& labels, NetworkReport& report);

}  // namespace lacuna

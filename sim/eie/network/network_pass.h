#pragma once

#include <cstddef>
#include <vector>

#include "models/common/fixed_point.h"
#include "sim/eie/network/machine_layer.h"
#include "sim/eie/network/prepared_network.h"
#include "sim/eie/network/product_machine.h"

namespace lacuna {

/// The tensors of all layers for some images: [layer][image].
using NetworkTensors = std::vector<std::vector<RawTensor>>;

/// Images whose tensors are held at the same time.
std::size_t images_at_once(const Network& network);

/// The tensors before any layer has run: those of the images from `first` to before `end` for the input.
NetworkTensors input_tensors(const PreparedNetwork& network, const InputImages& images, std::size_t first,
                             std::size_t end);

/// A layer of the machine with what running it needs.
MachineLayer machine_layer(const PreparedNetwork& network, std::size_t position, Rounding rounding);

/// Computes the tensors of layer `position` from those before it, on the machine or on the host. The counts
/// are empty for a layer of the host.
ProductCounts run_network_layer(const PreparedNetwork& network, std::size_t position, Rounding rounding,
                                ProductMachine& machine, const StreamProgress& progress,
                                NetworkTensors& tensors);

}  // namespace lacuna

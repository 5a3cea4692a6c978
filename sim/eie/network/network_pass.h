#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/common/fixed_point.h"
#include "sim/eie/network/prepared_network.h"
#include "sim/eie/network/product_machines.h"

namespace lacuna {

/// A layer of a prepared network with what running it needs.
struct MachineLayer {
  const NetworkLayer& layer;
  const PreparedLayer& prepared;
  FixedFormat input;
  FixedFormat output;
  Rounding rounding;
  const eie::Parameters& machine;
};

/// What running a layer on the machine gave.
struct LayerOutcome {
  std::vector<RawTensor> outputs;  ///< one for each input
  ProductCounts counts;            ///< empty where only values are computed
};

/// Runs a layer for several inputs.
LayerOutcome run_machine_layer(const MachineLayer& layer, const std::vector<const RawTensor*>& inputs,
                               ProductMachine& machine, const StreamProgress& progress);

/// Runs up to `vectors` of each product, evenly chosen of one input, on the SystemC engine too, and adds what
/// differs to `failures`. Returns the number of vectors run. The vectors of an LSTM or GRU cell are its
/// inputs and, for the recurrent products, the states before each step: `output` is what the layer gave for
/// the input.
std::size_t check_machine_layer(const MachineLayer& layer, const RawTensor& input, const RawTensor& output,
                                std::size_t vectors, EngineProducts& engine,
                                std::vector<std::string>& failures);

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

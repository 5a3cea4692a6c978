#pragma once

#include <string>
#include <vector>

#include "sim/eie/network/engine_products.h"
#include "sim/eie/network/prepared_network.h"

namespace lacuna {

/// A layer of a prepared network with what running it needs.
struct MachineLayer {
  const NetworkLayer& layer;
  const PreparedLayer& prepared;
  FixedFormat input;
  FixedFormat output;
  Rounding rounding;
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
/// differs to `failures`. Returns the number of vectors run. LSTM cells: vectors of the inputs.
std::size_t check_machine_layer(const MachineLayer& layer, const RawTensor& input, std::size_t vectors,
                                EngineProducts& engine, std::vector<std::string>& failures);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/common/quantisation_tally.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/network/leading_tensors.h"
#include "sim/eie/network/lowered_layer.h"
#include "sim/memory/memory_run.h"
#include "sim/network/input_images.h"
#include "sim/network/network.h"

namespace lacuna {

/// A network with its weights and what runs through it, read.
struct LoadedNetwork {
  Network network;  ///< weights loaded, simplified
  InputImages images;
  std::vector<std::string> files;  ///< read, the network's own first
};

/// Reads `workload.network` and all files that it names. Throws ConfigurationError, also for settings in
/// `workload.lowering` of layers that it does not have, and InputDataError.
LoadedNetwork load_network_workload(const WorkloadConfig& workload, std::uint64_t seed);

/// Throws ConfigurationError for settings of layers that the network does not have.
void check_lowering(const Network& network, const LoweringConfig& lowering);

/// A layer that the machine runs, complete with formats and memory images.
struct PreparedLayer {
  std::unique_ptr<LoweredLayer> lowered;  ///< convolution, fully connected or aggregation
  std::optional<LoweredCell> cell;        ///< LSTM or GRU
  FixedFormat partial;                    ///< of the products' outputs
  QuantisationTally weights;              ///< what became of the shared weights
  QuantisationTally activations;          ///< and of the inputs of the calibration images, in floating point

  bool on_machine() const { return lowered != nullptr || cell.has_value(); }
  std::vector<Product>& products() { return cell ? cell->products : lowered->products; }
  const std::vector<Product>& products() const { return cell ? cell->products : lowered->products; }
};

/// A network made ready for a machine: weights shared, layers lowered, formats calibrated.
struct PreparedNetwork {
  eie::Parameters machine;
  Network network;                    ///< simplified
  std::vector<FixedFormat> formats;   ///< of each layer's output
  std::vector<PreparedLayer> layers;  ///< one for each of the network's
  std::vector<Tensor> reference;      ///< floating-point output of the network for the calibration images
};

/// Whether what layer `from` gives becomes the vector of layer `to` where it lies: between two fully
/// connected layers the register files swap.
bool stays_in_machine(const Network& network, std::size_t from, std::size_t to);

/// Vectors that a product of layer `position` runs for one image.
std::uint64_t vectors_per_image(const PreparedNetwork& network, std::size_t position, std::size_t product);

/// Where the vectors of a product of layer `position` come from, in a run beside a memory: the first product
/// of a layer behind others waits for their results.
MemoryRun::Inputs job_inputs(const PreparedNetwork& network, std::size_t position, const Product& product);

/// Throws ConfigurationError where layers have no memory phases: the products of a recurrent cell take turns
/// step by step, and whether the machine holds all their weights meanwhile is not modelled; a matrix that
/// follows from the input is another for each.
void check_memory_phases(const PreparedNetwork& network);

/// Lowers and calibrates. Formats are chosen from the floating-point network on the first
/// `calibration_images` inputs. The result does not depend on the number of threads, nor on `leading`, the
/// tensors of the only input where they are kept between runs. Throws ConfigurationError, CapacityError and
/// InputDataError.
PreparedNetwork prepare_network(const LoadedNetwork& loaded, const LoweringConfig& lowering,
                                const eie::Parameters& machine, std::size_t threads = 1,
                                LeadingTensors* leading = nullptr);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/eie/network/prepared_network.h"
#include "sim/eie/network/product_machines.h"
#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// Activations that pass between host and machine for layer `position` and one image. Between two fully
/// connected layers nothing passes: the register files swap.
ActivationTraffic activation_traffic(const PreparedNetwork& network, std::size_t position,
                                     const eie::Parameters& machine);

/// What is known of a layer without running it: shapes, densities of weights, host work and traffic of all
/// images.
NetworkLayerReport network_layer_report(const PreparedNetwork& network, std::size_t position,
                                        std::uint64_t images, const eie::Parameters& machine);

/// The report of a layer that the machine ran, without its measures in time and energy.
LayerReport machine_layer_report(const PreparedNetwork& network, std::size_t position,
                                 const ProductCounts& counts);

/// Broadcast share of the elements of all vectors of the timed images, biases not counted.
double vector_density(const PreparedNetwork& network, std::size_t position, std::uint64_t timed_images,
                      const RunSums& sums);

/// SHA-256 of a tensor's values as little-endian 32-bit integers.
std::string tensor_checksum(const RawTensor& tensor);

/// The checksum of a layer's outputs: of the only image, or SHA-256 of the images' digests, one after the
/// other. Empty without any.
std::string joined_checksum(const std::vector<std::string>& image_checksums);

/// Enters what the floating-point network gave for the calibration images: with classes of images or of
/// nodes, how many are right.
void score_reference(const std::vector<Tensor>& outputs, const InputImages& images, NetworkReport& report);

/// Enters the network's outputs for the images from `first` on: `tensors` [layer][image]. A softmax at the
/// end is computed from the real values before it, not rounded to the machine's format.
void score_outputs(const PreparedNetwork& network, const std::vector<std::vector<RawTensor>>& tensors,
                   std::size_t first, const InputImages& images, NetworkReport& report);

}  // namespace lacuna

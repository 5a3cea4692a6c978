#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/eie/run/host_work.h"

namespace lacuna {

/// What a whole network's run knows of a layer beside its cycles.
struct NetworkLayerReport {
  std::string kind;  ///< convolution, fully_connected, lstm, ...
  std::string
      lowering;  ///< matrix, im2col, kernel_offsets, winograd, lstm; "host" for layers without products
  std::string input_shape;
  std::string output_shape;
  std::uint32_t products = 0;   ///< matrices
  double weight_density = 0.0;  ///< nonzeros over elements of the matrices, biases not counted
  double input_density = 0.0;   ///< nonzero share of the layer's input, over all images
  double vector_density = 0.0;  ///< broadcast share of the vectors' elements, biases not counted
  std::string sharing;          ///< how weights became codes
  double sharing_largest_error = 0.0;
  bool exact_gathering = true;          ///< vectors hold the inputs, or their sums, without rounding
  std::uint64_t outputs_at_limits = 0;  ///< elements at the ends of their format, where clipped ones stand
  HostWork host;                        ///< over all images
  ActivationTraffic traffic;            ///< over all images
};

/// A layer that the host computes.
struct HostLayerReport {
  std::string name;
  NetworkLayerReport network;
};

/// One class of a network's output.
struct ClassScore {
  std::size_t index = 0;
  double score = 0.0;
};

/// What a whole network's run gave.
struct NetworkReport {
  std::string name;
  std::uint64_t images = 0;
  std::uint64_t timed_images = 0;        ///< images that cycles, events and energy stand for
  std::uint64_t calibration_images = 0;  ///< images from which the fixed-point formats were chosen
  std::vector<HostLayerReport> host_layers;
  std::vector<std::vector<ClassScore>> best;            ///< largest outputs of the first images, descending
  std::vector<std::vector<ClassScore>> reference_best;  ///< the same in floating point, weights not shared
  double largest_output_error = 0.0;  ///< against floating point, over the calibration images
  std::uint64_t labelled = 0;
  std::uint64_t correct = 0;
  std::uint64_t reference_labelled = 0;  ///< labelled images among the calibration images
  std::uint64_t reference_correct = 0;   ///< that floating point gets right
  std::uint64_t checked_vectors = 0;     ///< run on the SystemC engine too
  std::vector<std::string> check_failures;
};

}  // namespace lacuna

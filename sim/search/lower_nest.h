#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/network.h"
#include "sim/search/nest.h"
#include "sim/search/operator_transformations.h"

namespace lacuna {

/// How a machine that takes a stream of pixels works through one of them, with one counter of steps for each
/// of its three directions.
struct StreamSchedule {
  enum class Counter : std::uint8_t { outputs, inputs, taps };

  std::uint32_t input_lanes = 1;   ///< unroll factors: channels read at once,
  std::uint32_t output_lanes = 1;  ///< channels formed at once,
  std::uint32_t tap_lanes = 1;     ///< taps of the kernel at once
  std::vector<Counter> order;      ///< of the counters of more than one step, the slowest first
  std::uint64_t steps = 1;         ///< of a pixel: the product of the counters

  /// Whether the counters turn as the machine's do, whose order is no setting: outputs outermost, then taps,
  /// then inputs. A layer of a nest with another order runs with the machine's, for the same values and in
  /// the same cycles; what reuse.h counts of operands read is then of an order that no machine has.
  bool has_machine_order() const;
};

/// What unrolled and ordered loops mean for such a machine. Throws ConfigurationError for what it cannot do:
/// pixels in another order than row by row or several at once, loops over pixels inside others, a group or a
/// direction that is cut and lies on both sides of another, and taps that are counted row by row where lanes
/// are half used.
StreamSchedule stream_schedule(const LoopNest& nest);

/// Appends the layers that compute an operation to a network, behind layer `input`, and returns the position
/// of the last, whose output is the operation's. A convolution for each branch and band, named `name` with
/// numbers where there are several; what reads some channels or rows, joins bands, or repeats pixels is a
/// layer `rearrange`, branches are joined by `concat`. Convolutions have no weights yet. Throws
/// ConfigurationError when the input has another shape.
std::size_t append_layers(const Operation& operation, const std::string& name, std::size_t input,
                          Network& network);

/// The convolutions' weights in the order of append_layers, from the branches'
/// ([band][group][output][input][row] [column], execute_nest.h): each [output][row][column][input], as layers
/// have them. Throws std::invalid_argument for other sizes.
std::vector<std::vector<float>> layer_weights(const Operation& operation,
                                              const std::vector<std::vector<float>>& weights_of_branches);

}  // namespace lacuna

#pragma once

#include <cstdint>

#include "sim/search/nest.h"

namespace lacuna {

/// What a nest reads and writes for one frame. Of each operand a machine holds the slice that its lanes work
/// on, and reads another one when a loop that the operand depends on turns: loops inside the innermost of
/// these cost nothing. Lanes that use the same value share one read. Padding counts, as its lane is busy.
/// Where the last tile of an axis is smaller, the counts of reads are an upper bound: loops are taken to turn
/// in it, too.
struct NestTraffic {
  std::uint64_t products = 0;
  std::uint64_t weight_reads = 0;      ///< weights
  std::uint64_t activation_reads = 0;  ///< values, from the window of a pixel or whatever holds the inputs
  std::uint64_t sum_accesses = 0;      ///< partial sums taken up: one for each time that a slice of them is
  std::uint64_t line_buffer_reads =
      0;                          ///< values: windows are built once for each pixel, padding not counted
  std::uint64_t fifo_values = 0;  ///< input and output values that pass FIFOs
};

NestTraffic traffic_of(const LoopNest& nest);

/// How often data are used. A number without reads is infinite.
struct DataReuse {
  double products_per_weight_read = 0.0;
  double products_per_activation_read = 0.0;
  double products_per_line_buffer_read = 0.0;
  double products_per_fifo_bit = 0.0;
};

/// `input_bits`, `output_bits`: of a value in the FIFOs before and behind.
DataReuse reuse_of(const LoopNest& nest, std::uint32_t input_bits, std::uint32_t output_bits);

}  // namespace lacuna

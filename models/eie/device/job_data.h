#pragma once

#include <cstdint>
#include <vector>

#include "models/device/descriptor.h"
#include "models/eie/layer.h"
#include "models/eie/memory_job.h"
#include "models/eie/parameters.h"

/// What a driver puts into memory for an EIE device (docs/device.md), all of it little-endian.
namespace lacuna::eie {

inline constexpr std::uint32_t device_family = 1;

/// X(type, name, meaning): the fields of a job behind those that all jobs have.
#define LACUNA_EIE_JOB_FIELDS(X)                                                            \
  X(u32, inputs, "activations of a vector, at least 1")                                     \
  X(u32, outputs, "results of a vector, at least 1")                                        \
  X(u32, layer, "bit 0: the matrix has a bias column, its last; bit 1: ReLU; other bits 0") \
  X(u8, weight_integer_bits, "of the fixed-point format of the weights")                    \
  X(u8, activation_integer_bits, "of the activations")                                      \
  X(u8, accumulator_integer_bits, "of the accumulators")                                    \
  X(u8, output_integer_bits, "of the results")                                              \
  X(u64, codebook_address, "shared weights, element 0 being 0")                             \
  X(u32, codebook_entries, "1 to 2^CODE_BITS")                                              \
  X(u32, pointer_bytes, "of all PEs' pointers; checked")                                    \
  X(u64, pointer_address, "pointers, PE after PE")                                          \
  X(u64, row_address, "rows of the sparse-matrix memories, PE after PE")                    \
  X(u64, row_bytes, "of all PEs' rows; checked against the pointers")

namespace device_types {
using device::u32;
using device::u64;
using device::u8;
LACUNA_JOB_STRUCTURE(JobFields, LACUNA_EIE_JOB_FIELDS)
}  // namespace device_types
using JobFields = device_types::JobFields;

inline constexpr std::uint32_t job_layer_bias = 1;
inline constexpr std::uint32_t job_layer_relu = 2;

/// A layer's constants as bytes. Entry i of a row stands in its bits from i * (code_bits + zero_bits) on, bit
/// 0 being the lowest of the first byte: the code, above it the zero count; the rest of a row is 0.
struct JobData {
  std::vector<std::uint8_t> codebook;
  std::vector<std::uint8_t> pointers;
  std::vector<std::uint8_t> rows;
};

/// `image` is the layer's for this machine, which `check_capacity` has accepted.
JobData job_data(const Parameters& parameters, const Layer& layer, const MemoryImage& image);

/// The fields that describe the layer and the sizes of its data; addresses are left at 0.
JobFields job_fields(const Layer& layer, const JobData& data);

/// Activations or results as bytes, and back.
std::vector<std::uint8_t> values_to_bytes(const std::vector<std::int32_t>& values, std::size_t bytes_each);
std::vector<std::int32_t> values_from_bytes(const std::uint8_t* bytes, std::size_t count,
                                            std::size_t bytes_each);

}  // namespace lacuna::eie

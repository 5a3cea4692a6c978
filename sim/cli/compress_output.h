#pragma once

#include <cstdint>
#include <optional>

#include "sim/cli/compress_input.h"
#include "sim/cli/compress_options.h"
#include "sim/compress/compress_model.h"

namespace lacuna::cli {

/// Throws ConfigurationError when a file that was asked for exists, or cannot be made of this model.
void check_outputs(const CompressArguments& arguments, const CompressionInput& input);

/// Writes what was asked for; returns the size of the container in bytes, where one was asked for.
std::optional<std::uint64_t> write_outputs(const CompressArguments& arguments, const CompressionInput& input,
                                           const CompressionResult& result);

}  // namespace lacuna::cli

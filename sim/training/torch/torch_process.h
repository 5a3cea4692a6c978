#pragma once

#include <cstdint>
#include <string>

namespace lacuna {

/// Threads of libtorch and its BLAS for the whole process, and algorithms that repeat themselves.
void set_torch_threads(std::uint32_t threads);

/// Versions and what they run on: "libtorch 1.13.1, CPU capability AVX2, ...".
std::string torch_description(std::uint32_t threads);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <string>

namespace lacuna {

/// Threads of libtorch and its BLAS for the whole process, and algorithms that repeat themselves.
void set_torch_threads(std::uint32_t threads);

/// Tensors of megabytes come and go in every step. What is freed stays with the process: handed back, its
/// pages would be mapped and cleared anew, a quarter of the time of a search on a graph.
void keep_freed_memory();

/// Versions and what they run on: "libtorch 1.13.1, CPU capability AVX2, ...".
std::string torch_description(std::uint32_t threads);

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <functional>

#include "sim/eie/network/product_machine.h"

namespace lacuna {

/// Cuts `size` vectors into groups of `group` and calls `work(worker, begin, end)` for each, in up to
/// `workers` threads, of which this one is worker 0. The first exception stops all and is thrown.
void in_vector_threads(
    std::size_t workers, std::size_t size, std::size_t group,
    const std::function<void(std::size_t worker, std::size_t begin, std::size_t end)>& work,
    const StreamProgress& progress);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// The content of a `.npy` file (version 1.0, little-endian float32, C order) of that shape.
std::string npy_content(const std::vector<std::uint64_t>& shape, const std::vector<float>& values);

}  // namespace lacuna

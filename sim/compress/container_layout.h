#pragma once

#include <cstddef>

namespace lacuna {

/// Fixed parts of the container (docs/file-formats.md).
inline constexpr char container_magic[] = "LACUNAWC";  ///< eight bytes, without the terminating zero
inline constexpr std::size_t container_magic_bytes = 8;
inline constexpr unsigned container_version = 1;
inline constexpr std::size_t container_digest_bytes = 64;  ///< SHA-256 in hexadecimal
inline constexpr std::size_t max_container_layers = 65536;
inline constexpr std::size_t max_layer_name_bytes = 1024;

/// First byte of a layer's weight code: a codebook, or else 1 + the position in NumberKind.
inline constexpr unsigned codebook_tag = 0;

}  // namespace lacuna

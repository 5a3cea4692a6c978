#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/compress/compressed_layer.h"

namespace lacuna {

/// How a container stores codes and gaps: in fixed width, or with Huffman coding where that is shorter.
enum class StreamCoding { fixed, huffman };

/// Largest container that is read.
inline constexpr std::uint64_t max_container_bytes = std::uint64_t{4} << 30;

/// The bytes of a container (docs/file-formats.md). The same layers give the same bytes.
std::vector<unsigned char> container_bytes(const std::vector<CompressedLayer>& layers, StreamCoding coding);

/// The layers of a container, each exactly as it was written. `path` is for messages. Throws InputDataError
/// for anything that `container_bytes` does not write; memory is bounded by a multiple of the bytes.
std::vector<CompressedLayer> parse_container(const std::vector<unsigned char>& bytes,
                                             const std::string& path);

/// The same from and to files. A file appears by rename when it is complete.
void write_container(const std::vector<CompressedLayer>& layers, StreamCoding coding,
                     const std::string& path);
std::vector<CompressedLayer> read_container(const std::string& path);

}  // namespace lacuna

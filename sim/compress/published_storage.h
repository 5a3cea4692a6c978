#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// A published row of a storage table; shares of the original size.
struct PublishedStorage {
  std::string layer;
  double kept = 0.0;
  double weight_bits = 0.0;
  double weight_bits_huffman = 0.0;
  double index_bits = 0.0;
  double index_bits_huffman = 0.0;
  double size = 0.0;
  double size_huffman = 0.0;
};

/// Reads a table such as configs/reference/deep_compression_alexnet.csv. `network` picks the rows of one
/// network where the file has a column of that name; else it must be empty. Throws InputDataError, and
/// ConfigurationError for a network that the file does not hold.
std::vector<PublishedStorage> read_published_storage(const std::string& path, const std::string& network);

}  // namespace lacuna

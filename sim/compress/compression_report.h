#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/compress/compress_model.h"

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

/// The tables for a terminal: storage as Tables 4.2 to 4.8 of Han's thesis, with the published rows beside
/// the layers of the same name; then errors, initialisations and cycles, as far as they were measured.
/// `container_bytes` is the size of the container, where one was written.
std::string compression_text(const CompressionResult& result, const std::vector<PublishedStorage>& published,
                             std::optional<std::uint64_t> container_bytes);

/// The sensitivity scan as a table.
std::string sensitivity_text(const std::vector<SensitivityPoint>& points);

/// Everything as JSON, schema lacuna.compression/1: `layers`, `total`, `network`, and `sensitivity`.
nlohmann::ordered_json compression_json(const CompressionResult& result,
                                        const std::vector<SensitivityPoint>& points);

/// Names of enumerations, as in recipes.
const char* name_of(Representation kind);
const char* name_of(PruneRule rule);
const char* name_of(PruneGranularity granularity);

}  // namespace lacuna

#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/compress/compress_model.h"
#include "sim/compress/published_storage.h"
#include "sim/compress/sensitivity.h"

namespace lacuna {

/// The tables for a terminal: storage as Tables 4.2 to 4.8 of Han's thesis, with the published rows beside
/// the layers of the same name; then errors, initialisations and cycles, as far as they were measured.
/// `file_bytes` is the size of the container, 0 where none was written.
std::string compression_text(const CompressionResult& result, const std::vector<PublishedStorage>& published,
                             std::uint64_t file_bytes);

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

#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/family/result.h"

namespace lacuna {

/// `numbers` of a layer in the result JSON: what became of weights and activations in the machine's formats.
nlohmann::ordered_json numbers_json(const LayerNumbers& numbers);

/// A decibel figure: "-", for what is exact or not known, or with one digit.
std::string decibel_text(const std::optional<double>& decibel);

/// The same as a table, and below it a line for each layer that lost much; empty where no layer has numbers.
std::string numbers_text(const std::vector<Measured>& layers);

/// A sentence on a layer's weights or activations (`what`) of which so much clips or rounds to zero that it
/// is another layer: 1 in 1000, or half; else empty.
std::string lost_sentence(const std::string& layer, const char* what, double clipped_share,
                          double to_zero_share);

/// These sentences for all layers.
std::vector<std::string> numbers_notes(const std::vector<Measured>& layers);

/// Signal-to-quantisation-noise ratio and largest error of each layer whose values were compared with
/// floating point; empty where none was.
std::string reference_text(const std::vector<LayerValues>& values);

/// Writes kept values: a .npy holds those of the last layer as real numbers (float64, exact), [vectors, ...],
/// a .npz for each layer NAME: NAME the same, NAME.raw integers (int64), NAME.unit_exponent (value = raw *
/// 2^unit_exponent), NAME.format in words, and NAME.reference where floating point was computed. Layers of
/// one name get "#2" and so on behind it. Throws InputDataError.
void write_values(const std::string& path, const std::vector<LayerValues>& values);

/// Which layers' values a file of that name holds. Throws ConfigurationError unless it ends with .npy or
/// .npz.
KeptValues kept_values_of(const std::string& path);

}  // namespace lacuna

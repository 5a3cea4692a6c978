#pragma once

#include <cstdint>
#include <string>

#include "models/common/quantisation_tally.h"

namespace lacuna {

// Parts of results (result.h) that the families' own reports hold too.

/// How many inputs got the right class: the largest output, the first among equals.
struct Classification {
  std::uint64_t correct = 0;
  std::uint64_t labelled = 0;
};

/// What became of a layer's numbers in the machine's formats.
struct LayerNumbers {
  QuantisationTally weights;
  QuantisationTally activations;  ///< inputs that came as real numbers
};

/// A file that decided the result, by its name without folders and SHA-256.
struct InputFile {
  std::string name;
  std::string sha256;
};

/// Throws InputDataError when the file cannot be read.
InputFile input_file(const std::string& path);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <string>

namespace lacuna {

// Parts of results (result.h) that the families' own reports hold too.

/// How many inputs got the right class: the largest output, the first among equals.
struct Classification {
  std::uint64_t correct = 0;
  std::uint64_t labelled = 0;
};

/// A file that decided the result, by its name without folders and SHA-256.
struct InputFile {
  std::string name;
  std::string sha256;
};

/// Throws InputDataError when the file cannot be read.
InputFile input_file(const std::string& path);

}  // namespace lacuna

#pragma once

#include <cstdlib>
#include <filesystem>

namespace lacuna::test {

/// Folder of the large original data, or an empty path where there is none: LACUNA_DATA, else ../shared/data.
inline std::filesystem::path data_folder() {
  const char* given = std::getenv("LACUNA_DATA");
  const std::filesystem::path folder =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(LACUNA_SOURCE_DIR).parent_path() / "shared" / "data";
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

}  // namespace lacuna::test

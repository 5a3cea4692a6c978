#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/file_bytes.h"

namespace lacuna::test {

/// Names and contents of the files in a folder and below it, sorted; of all, or of those that `counts`.
inline std::vector<std::string> folder_contents(
    const std::string& folder, const std::function<bool(const std::filesystem::path&)>& counts = nullptr) {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::filesystem::path& path = entry.path();
    if (entry.is_regular_file() && (!counts || counts(path))) {
      all.push_back(std::filesystem::relative(path, folder).string() + "\n" + read_whole(path.string()));
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace lacuna::test

#include "sim/yaml/existing_file.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {

void check_exists(const FilePath& file) {
  std::error_code error;
  if (!file.empty() && !std::filesystem::is_regular_file(file.resolved, error)) {
    throw InputDataError(file.place, fmt::format("no such file '{}'", file.written),
                         "a path relative to the file that holds it");
  }
}

}  // namespace lacuna

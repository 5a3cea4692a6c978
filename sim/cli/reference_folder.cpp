#include "sim/cli/reference_folder.h"

#include <filesystem>
#include <system_error>

namespace lacuna::cli {

std::string reference_folder() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    const auto installed = program.parent_path().parent_path() / "share/lacuna/configs/reference";
    if (std::filesystem::is_directory(installed, error)) {
      return installed.string();
    }
  }
  return LACUNA_SOURCE_REFERENCE;
}

}  // namespace lacuna::cli

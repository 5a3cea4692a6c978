#include "sim/cli/data_folders.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/families.h"
#include "sim/yaml/nearest.h"

namespace lacuna::cli {
namespace {

std::filesystem::path share_folder() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    throw InputDataError({"/proc/self/exe", 0, {}}, "does not name the program, whose files lie beside it");
  }
  return program.parent_path().parent_path() / "share/lacuna";
}

/// An environment variable that holds an absolute path, else an empty path.
std::filesystem::path folder_from_environment(const char* name) {
  const char* const value = std::getenv(name);
  const std::filesystem::path path = value == nullptr ? "" : value;
  return path.is_absolute() ? path : std::filesystem::path();
}

std::string larger_data_folder(const std::filesystem::path& share) {
  const std::filesystem::path named = folder_from_environment("LACUNA_DATA");
  if (!named.empty()) {
    return named.string();
  }
  std::error_code error;
  const std::filesystem::path configurations = std::filesystem::canonical(share / "configs", error);
  return (configurations.parent_path().parent_path() / "shared/data").string();
}

std::string rtl_cache_folder() {
  std::filesystem::path base = folder_from_environment("XDG_CACHE_HOME");
  if (base.empty()) {
    const std::filesystem::path home = folder_from_environment("HOME");
    base = home.empty() ? std::filesystem::temp_directory_path() : home / ".cache";
  }
  return (base / "lacuna" / "rtl").string();
}

}  // namespace

DataFolders data_folders() {
  return data_folders_in(share_folder());
}

DataFolders data_folders_in(const std::filesystem::path& share) {
  DataFolders folders;
  folders.configurations = (share / "configs").string();
  folders.traces = (share / "traces").string();
  folders.larger_data = larger_data_folder(share);
  folders.rtl_sources = (share / "models").string();
  folders.rtl_cache = rtl_cache_folder();
  return folders;
}

std::string architecture_path(const std::string& name_or_path, const DataFolders& folders) {
  const std::filesystem::path path = name_or_path;
  const bool name =
      !path.empty() && !path.has_parent_path() && path.extension() != ".yaml" && path.extension() != ".yml";
  if (!name) {
    return name_or_path;
  }
  const std::filesystem::path folder = std::filesystem::path(folders.configurations) / "architectures";
  std::error_code error;
  if (!std::filesystem::exists(folder / (name_or_path + ".yaml"), error)) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    throw ConfigurationError({{}, 0, "--architecture"},
                             "'" + cut(name_or_path, 60) + "' is no shipped machine",
                             suggest(name_or_path, names) + "; or a file");
  }
  return (folder / (name_or_path + ".yaml")).string();
}

std::string energy_table_path(const std::string& name_or_path, const DataFolders& folders) {
  const std::filesystem::path path = name_or_path;
  const bool name = !path.empty() && !path.has_parent_path() && path.extension() != ".yaml";
  if (!name) {
    return name_or_path;
  }
  const std::filesystem::path configurations = folders.configurations;
  const std::filesystem::path common = configurations / "energy" / (name_or_path + ".yaml");
  std::error_code error;
  for (const Family* family : families()) {
    const std::filesystem::path own =
        configurations / std::string(family->kind()) / "energy" / (name_or_path + ".yaml");
    if (!std::filesystem::exists(common, error) && std::filesystem::exists(own, error)) {
      return own.string();
    }
  }
  return common.string();
}

}  // namespace lacuna::cli

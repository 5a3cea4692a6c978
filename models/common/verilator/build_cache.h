#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace lacuna {

/// The folder `cache`/`key`, made by `build` if it does not exist. `build` fills a folder of another name,
/// which is renamed when complete, so the entry is whole or absent; one builder of a key works at a time,
/// also across processes, and the others wait. A folder whose build threw stays as `cache`/failed-`key` for
/// its logs. Throws ConfigurationError if the cache cannot be written, and whatever `build` throws.
std::filesystem::path cached_folder(const std::filesystem::path& cache, const std::string& key,
                                    const std::function<void(const std::filesystem::path&)>& build);

}  // namespace lacuna

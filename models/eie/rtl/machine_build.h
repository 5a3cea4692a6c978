#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "models/eie/rtl/hardware.h"
#include "models/eie/rtl/rtl_engine.h"

namespace lacuna::eie {

/// The folder `cache`/`key`, made by `build` if it does not exist. `build` fills a folder of another name,
/// which is renamed when complete, so the entry is whole or absent; one builder of a key works at a time,
/// also across processes, and the others wait. A folder whose build threw stays as `cache`/failed-`key` for
/// its logs. Throws ConfigurationError if the cache cannot be written, and whatever `build` throws.
std::filesystem::path cached_folder(const std::filesystem::path& cache, const std::string& key,
                                    const std::function<void(const std::filesystem::path&)>& build);

/// Path of the shared object of a machine with these parameters and depths; verilated and compiled if the
/// cache does not have it. The key is a hash of the parameters, the RTL and harness sources and the tools'
/// versions. Throws ConfigurationError when sources or tools are missing or fail.
std::string build_machine(const Parameters& parameters, const MemoryDepths& depths, const RtlBuild& build);

}  // namespace lacuna::eie

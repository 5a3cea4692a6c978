#pragma once

#include <filesystem>
#include <string>

#include "sim/family/family.h"

namespace lacuna::cli {

/// The folders of the program: its files lie in `../share/lacuna` beside its own folder; where it was built
/// these are links to the source tree.
DataFolders data_folders();

/// The same below another share folder. Larger data sets: $LACUNA_DATA, else `../shared/data` beside the tree
/// that the configurations lie in. Compiled machines: `lacuna/rtl` in $XDG_CACHE_HOME, else in ~/.cache, else
/// in the folder for temporary files.
DataFolders data_folders_in(const std::filesystem::path& share);

/// An energy table as named on the command line: a shipped table's name, such as bottom-up-45nm, or a path.
std::string energy_table_path(const std::string& name_or_path, const DataFolders& folders = data_folders());

/// A machine as named on the command line: a shipped preset's name, such as those in configs/architectures,
/// or a path.
std::string architecture_path(const std::string& name_or_path, const DataFolders& folders = data_folders());

}  // namespace lacuna::cli

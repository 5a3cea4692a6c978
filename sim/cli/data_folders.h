#pragma once

#include <string>

#include "sim/family/family.h"

namespace lacuna::cli {

/// Files that the program reads at run time lie in `../share/lacuna` beside its own folder; where it was
/// built these are links to the source tree. Larger data sets: $LACUNA_DATA, else `../shared/data` beside the
/// tree that the configurations lie in. Compiled machines: `lacuna/rtl` in $XDG_CACHE_HOME, else in ~/.cache,
/// else in the folder for temporary files.
DataFolders data_folders();

/// An energy table as named on the command line: a shipped table's name, such as bottom-up-45nm, or a path.
std::string energy_table_path(const std::string& name_or_path);

/// A machine as named on the command line: a shipped preset's name, such as those in configs/architectures,
/// or a path.
std::string architecture_path(const std::string& name_or_path);

}  // namespace lacuna::cli

#pragma once

#include <string>

namespace lacuna::cli {

/// Files that the program reads at run time lie in `../share/lacuna` beside its own folder when it is
/// installed, else in the source tree it was built from.

/// The folder with the published figures.
std::string reference_folder();

/// The folder with the SystemVerilog sources of the RTL engine.
std::string rtl_source_folder();

/// Where the RTL engine keeps compiled machines: `lacuna/rtl` in $XDG_CACHE_HOME, else in ~/.cache, else in
/// the folder for temporary files.
std::string rtl_cache_folder();

}  // namespace lacuna::cli

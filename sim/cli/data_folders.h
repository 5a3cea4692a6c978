#pragma once

#include <string>

namespace lacuna::cli {

/// Files that the program reads at run time lie in `../share/lacuna` beside its own folder; where it was built
/// these are links to the source tree.

/// The folder with the configurations.
std::string configuration_folder();

/// The folder with the published figures.
std::string reference_folder();

/// The folder with the architecture presets.
std::string architecture_folder();

/// The folder with the shipped energy tables.
std::string energy_folder();

/// An energy table as named on the command line: a shipped table's name, such as bottom-up-45nm, or a path.
std::string energy_table_path(const std::string& name_or_path);

/// The folder with the shipped sweeps.
std::string sweep_folder();

/// The folder with the checked-in traces.
std::string trace_folder();

/// The folder with the larger data sets that are not part of the tree: $LACUNA_DATA, else `../shared/data`
/// beside the tree that the configurations lie in. It need not exist.
std::string larger_data_folder();

/// The folder with the SystemVerilog sources of the RTL engine.
std::string rtl_source_folder();

/// Where the RTL engine keeps compiled machines: `lacuna/rtl` in $XDG_CACHE_HOME, else in ~/.cache, else in
/// the folder for temporary files.
std::string rtl_cache_folder();

}  // namespace lacuna::cli

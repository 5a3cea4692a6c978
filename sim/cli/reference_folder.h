#pragma once

#include <string>

namespace lacuna::cli {

/// The folder with the published figures: `../share/lacuna/configs/reference` beside the program's own folder
/// when it is installed, else `configs/reference` of the source tree it was built from.
std::string reference_folder();

}  // namespace lacuna::cli

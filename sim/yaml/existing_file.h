#pragma once

#include "sim/yaml/scalars.h"

namespace lacuna {

/// Throws InputDataError, at the place of the name, if a file is named that is no regular file.
void check_exists(const FilePath& file);

}  // namespace lacuna

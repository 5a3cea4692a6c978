#pragma once

#include "sim/cli/import_options.h"
#include "sim/data/trace/trace.h"

namespace lacuna::cli {

/// The layer that the options name, in the trace's form. Throws ConfigurationError and InputDataError.
Trace import_layer(const ImportOptions& options);

}  // namespace lacuna::cli

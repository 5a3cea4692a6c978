#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "sim/network/network.h"
#include "sim/network/network_file.h"

namespace lacuna {

/// Writes a network with its weights as a folder that `read_network_file` reads: `network.yaml`, and a NumPy
/// file for each list of numbers. `data`, if given, is referred to where it lies; `source`, if given, is
/// recorded. The folder is made if it does not exist; files of the same names are replaced, `network.yaml`
/// last. Weights must be loaded. `threads` layers are written at a time. Throws InputDataError when something
/// cannot be written.
void write_network(const Network& network, const std::optional<DataDescription>& data,
                   const std::string& folder, const std::optional<NetworkSource>& source = {},
                   std::size_t threads = 1);

}  // namespace lacuna

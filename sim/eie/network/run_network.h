#pragma once

#include <memory>

#include "sim/eie/config/run_config.h"
#include "sim/eie/run/layer_report.h"
#include "sim/eie/run/run_workload.h"
#include "sim/family/network_machine.h"

namespace lacuna {

/// Runs the network of `config.workload` on an EIE machine, layer after layer, image after image
/// (docs/networks.md). Convolutions, fully connected layers and recurrent cells run on the machine,
/// everything else on the host, in fixed point throughout. The report's layers are those of the machine. The
/// same configuration and files give the same report, whatever the number of threads. Throws
/// ConfigurationError, CapacityError or InputDataError.
RunReport run_network(const RunConfig& config, const RunOptions& options = {});

/// The machine of a configuration for networks in memory. Throws InputDataError or ConfigurationError for its
/// energy table.
std::unique_ptr<NetworkMachine> make_network_machine(RunConfig config);

}  // namespace lacuna

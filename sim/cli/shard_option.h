#pragma once

#include <optional>
#include <string>

#include "sim/sweep/shard.h"

namespace CLI {
class App;
}

namespace lacuna::cli {

void add_shard_option(CLI::App& command, std::string& stated);

/// What --shard says; empty for all. Without it: the task of a Slurm job array. "/n" takes the index of an
/// indexed Kubernetes job, which says its index but not how many there are. What was not stated is said on
/// stderr. Throws ConfigurationError for what is no shard, and in a Kubernetes job that states none.
std::optional<Shard> shard_of(const std::string& stated);

}  // namespace lacuna::cli

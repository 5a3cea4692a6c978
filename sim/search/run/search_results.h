#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/family/network_machine.h"
#include "sim/search/run/run_search.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {

/// Writes a trained candidate into `folder`, below it: `network-N`, N being its number (write_network.h).
void write_trained(const Search& search, const Network& network, std::size_t number,
                   const std::string& folder);

/// A network that results show layer by layer.
struct ShownNetwork {
  std::size_t candidate = 0;                          ///< its number
  Network network;                                    ///< without weights
  std::vector<std::vector<FrameCost::Layer>> layers;  ///< on each machine, with first weights
};

/// Candidates that are worth showing: those that were trained, or else the ten best.
std::vector<std::size_t> shown_candidates(const SearchOutcome& outcome);

/// Writes results.csv and then results.json (schema lacuna.search/1). Throws InputDataError when something
/// cannot be written.
void write_results(const Search& search, const SearchOutcome& outcome,
                   const std::vector<ShownNetwork>& networks, const SweepFolder& folder);

/// For a terminal: filters, the networks that were trained or rank first, means of the best and of random
/// ones.
std::string outcome_text(const Search& search, const SearchOutcome& outcome);

/// What a shard computed, and what comes next; `folder` holds it.
std::string shard_text(const SearchShardSummary& summary);

/// What is missing of joined shards, and what to do about it.
std::string rest_text(const SearchMergeSummary& summary, const std::string& out);

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/sweep.h"
#include "sim/family/design_space.h"

namespace lacuna::mpi {

/// What rank 0, the ranks and their workers say to each other. All are the same program, so that bytes are
/// read as they were written.
enum class Kind : char {
  start,     ///< rank 0 to all: the sweep to load
  batch,     ///< rank 0 to one: points to run
  loaded,    ///< back: which sweep it is
  outcomes,  ///< back: points that have ended
  failure,   ///< back: an error that ends the sweep
  end,       ///< rank 0 to all: no more will come
  farewell   ///< back: nor from here
};

/// First byte of a message.
Kind kind_of(const std::string& message);
/// Of a message without contents.
std::string bare(Kind kind);

struct Batch {
  std::string engine;
  std::vector<std::uint64_t> points;
};
using Outcomes = std::vector<std::pair<std::uint64_t, PointOutcome>>;

std::string encode(const cli::SweepRequest& request);
cli::SweepRequest decode_start(const std::string& message);

std::string encode(const Batch& batch);
Batch decode_batch(const std::string& message);

std::string encode_loaded(const std::string& sweep_hash);
std::string decode_loaded(const std::string& message);

std::string encode(const Outcomes& outcomes);
Outcomes decode_outcomes(const std::string& message);

/// An error of Lacuna's keeps its type and with it the exit code.
std::string encode_failure(const std::exception& error);
/// Throws it; `where` comes in front of what it says.
[[noreturn]] void throw_failure(const std::string& message, const std::string& where);

}  // namespace lacuna::mpi

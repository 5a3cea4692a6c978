#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/compress/compression_file.h"

namespace CLI {
class App;
}

namespace lacuna::cli {

/// What `lacuna compress` was asked for.
struct CompressArguments {
  std::string model;
  CompressionConfig config;  ///< of the options; a recipe replaces it
  std::string granularity = "element";
  std::string representation = "codebook";
  std::string initialisation = "linear";
  std::string biases;
  std::string activations;
  std::string labels;
  std::string machine;
  std::string name;
  PruneConfig prune;
  std::vector<double> sensitivity;
  bool compare_initialisations = false;
  std::string published;
  std::string network;
  std::string output;
  std::string container;
  std::string json;
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool fixed = false;
  bool force = false;
  bool quiet = false;
};

/// Declares the options on the subcommand.
void add_compress_options(CLI::App& command, CompressArguments& arguments);

/// The recipe: the file's where MODEL is one, else what the options say. Throws ConfigurationError when
/// options stand beside a recipe that settles them.
CompressionConfig compression_config(const CLI::App& command, const CompressArguments& arguments);

}  // namespace lacuna::cli

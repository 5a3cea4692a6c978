#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/compress_options.h"
#include "sim/cli/long_work.h"
#include "sim/cli/outputs.h"
#include "sim/compress/compress_model.h"
#include "sim/compress/compression_file.h"
#include "sim/compress/compression_input.h"
#include "sim/compress/compression_report.h"
#include "sim/compress/container.h"
#include "sim/families.h"
#include "sim/files/output_file.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {
namespace {

/// Throws ConfigurationError when a file that was asked for exists, or cannot be made of this model.
void check_compress_outputs(const CompressArguments& arguments, const CompressionInput& input) {
  check_outputs({{"--json", arguments.json}}, if_exists(arguments.force));
  check_output("--container", arguments.container, if_exists(arguments.force));
  const bool scan = !arguments.sensitivity.empty();
  if (scan && (!arguments.output.empty() || !arguments.container.empty())) {
    throw ConfigurationError({"", 0, "--sensitivity"}, "compresses nothing that could be written",
                             "--json, or no --sensitivity");
  }
  if (arguments.output.empty()) {
    return;
  }
  if (input.is_network()) {
    if (std::filesystem::exists(arguments.output) && !arguments.force) {
      throw ConfigurationError({arguments.output, 0, "--output"}, "exists already",
                               "another folder, or --force to replace its files");
    }
    return;
  }
  check_output("--output", arguments.output, if_exists(arguments.force));
  if (input.model().layers.size() != 1 || input.model().layers.front().activations.vectors == 0) {
    throw ConfigurationError({"", 0, "--output"}, "a trace is one layer with activations",
                             "--activations with a single layer, or --container");
  }
}

/// Writes what was asked for; returns the size of the container in bytes, where one was asked for.
std::optional<std::uint64_t> write_compressed(const CompressArguments& arguments,
                                              const CompressionInput& input,
                                              const CompressionResult& result) {
  write_outputs({{arguments.json, arguments.json.empty() ? "" : pretty_json(compression_json(result, {}))}});
  const InterruptBlock block;
  if (!arguments.output.empty()) {
    write_model(input, result, arguments.output);
  }
  if (arguments.container.empty()) {
    return std::nullopt;
  }
  std::vector<CompressedLayer> layers;
  for (const LayerResult& layer : result.layers) {
    layers.push_back(layer.compressed);
  }
  write_container(layers, arguments.fixed ? StreamCoding::fixed : StreamCoding::huffman, arguments.container);
  return std::filesystem::file_size(arguments.container);
}

CompressionOptions compression_options(const CompressArguments& arguments, const CompressionConfig& config,
                                       ProgressLine& line) {
  CompressionOptions options;
  options.compare_initialisations = arguments.compare_initialisations;
  options.threads = arguments.jobs;
  use_machines(config, families(), options);
  options.progress = [&line](const std::string& layer) {
    check_for_interrupt();
    line.show_text("compressing " + layer);
  };
  return options;
}

/// Each layer alone at each density.
void scan(const CompressArguments& arguments, const CompressionInput& input,
          const CompressionOptions& options, ProgressLine& line) {
  const std::vector<SensitivityPoint> points =
      scan_sensitivity(input.model(), input.settings(), arguments.sensitivity, options);
  line.clear();
  check_for_interrupt();
  write_outputs({{arguments.json, pretty_json(compression_json({}, points))}});
  if (!arguments.quiet && !is_standard_output(arguments.json)) {
    std::cout << sensitivity_text(points) << std::flush;
  }
}

void compress(const CompressArguments& arguments, const CompressionInput& input,
              const CompressionOptions& options, ProgressLine& line) {
  const CompressionResult result = compress_model(input.model(), input.settings(), options);
  line.clear();
  check_for_interrupt();
  const std::optional<std::uint64_t> bytes = write_compressed(arguments, input, result);
  if (!arguments.quiet && !is_standard_output(arguments.json)) {
    const std::vector<PublishedStorage> published =
        arguments.published.empty() ? std::vector<PublishedStorage>()
                                    : read_published_storage(arguments.published, arguments.network);
    std::cout << compression_text(result, published, bytes) << std::flush;
  }
}

void run_compress(const CompressArguments& arguments, const CompressionConfig& config) {
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  const CompressionInput input(config, arguments.name);
  check_compress_outputs(arguments, input);
  const CompressionOptions options = compression_options(arguments, config, line);
  if (arguments.sensitivity.empty()) {
    compress(arguments, input, options, line);
  } else {
    scan(arguments, input, options, line);
  }
}

}  // namespace

void add_compress(CLI::App& app) {
  auto arguments = std::make_shared<CompressArguments>();
  CLI::App* const command =
      app.add_subcommand("compress", "Prune, share and encode weights; print what it costs and saves");
  add_compress_options(*command, *arguments);
  command->callback(
      [command, arguments] { run_compress(*arguments, compression_config(*command, *arguments)); });
}

}  // namespace lacuna::cli

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/compress_input.h"
#include "sim/cli/compress_options.h"
#include "sim/cli/compress_output.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/progress_line.h"
#include "sim/compress/compression_report.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/files/output_file.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {
namespace {

CompressionOptions compression_options(const CompressArguments& arguments, const CompressionConfig& config,
                                       ProgressLine& line) {
  CompressionOptions options;
  options.compare_initialisations = arguments.compare_initialisations;
  if (!config.machine.empty()) {
    const YamlNode document = load_configuration(config.machine.resolved);
    const Family& family = family_of(document, families());
    options.machine = family.layer_machine(document);
    if (options.machine == nullptr) {
      throw ConfigurationError(
          config.machine.place,
          fmt::format("machines of the family '{}' run whole networks, no single layers", family.kind()),
          "an architecture of another family");
    }
  }
  options.machine_for = [](std::uint32_t pe_count, std::uint32_t index_bits) {
    return families().front()->roomy_layer_machine(pe_count, index_bits);
  };
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
  if (!arguments.json.empty()) {
    write_output(arguments.json, pretty_json(compression_json({}, points)));
  }
  if (!arguments.quiet) {
    std::cout << sensitivity_text(points) << std::flush;
  }
}

void compress(const CompressArguments& arguments, const CompressionInput& input,
              const CompressionOptions& options, ProgressLine& line) {
  const CompressionResult result = compress_model(input.model(), input.settings(), options);
  line.clear();
  check_for_interrupt();
  const std::optional<std::uint64_t> bytes = write_outputs(arguments, input, result);
  if (!arguments.quiet) {
    const std::vector<PublishedStorage> published =
        arguments.published.empty() ? std::vector<PublishedStorage>()
                                    : read_published_storage(arguments.published, arguments.network);
    std::cout << compression_text(result, published, bytes) << std::flush;
  }
}

void run_compress(const CompressArguments& arguments, const CompressionConfig& config) {
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  const CompressionInput input(config, arguments.name);
  check_outputs(arguments, input);
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

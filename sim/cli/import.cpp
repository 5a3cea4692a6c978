#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/import_layer.h"
#include "sim/cli/import_options.h"
#include "sim/data/trace/trace_file.h"
#include "sim/files/output_file.h"
#include "sim/network/onnx/onnx_network.h"
#include "sim/network/write_network.h"

namespace lacuna::cli {
namespace {

void add_provenance(Trace& trace, const std::vector<std::string>& pairs) {
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos) {
      refuse_option("--provenance", "\"" + pair + "\"", "KEY=TEXT");
    }
    trace.provenance[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
}

/// The name of a layer without one: the input's file name without its ending.
std::string name_from_path(const std::string& path) {
  const std::filesystem::path clean = std::filesystem::path(path).lexically_normal();
  return (clean.has_filename() ? clean : clean.parent_path()).stem().string();
}

/// A whole model becomes a network and its weights.
void import_onnx_network(const CLI::App& command, const ImportOptions& options) {
  for (const char* of_a_trace : {"--activations", "--labels", "--codebook-bits", "--init", "--seed", "--name",
                                 "--relu", "--provenance"}) {
    if (command.count(of_a_trace) > 0) {
      refuse_option(of_a_trace, "belongs to the trace of one layer", "--layer beside it");
    }
  }
  const Network network = read_onnx(options.input);
  write_network(network, {}, options.output);
  std::size_t weighted = 0;
  for (const NetworkLayer& layer : network.layers) {
    weighted += has_weights(layer.kind) ? 1 : 0;
  }
  std::cout << options.output << "/network.yaml: " << network.layers.size() << " layers, " << weighted
            << " of them with weights, input " << network.layers.front().shape.text() << ", output "
            << network.layers.back().shape.text() << "\n";
}

void run_import(const CLI::App& command, const ImportOptions& options) {
  check_import_options(command, options.format);
  check_output("--output", options.output, if_exists(options.force));
  if (options.format == "onnx" && command.count("--layer") == 0) {
    import_onnx_network(command, options);
    return;
  }
  Trace trace = import_layer(options);
  if ((options.format != "container" && options.format != "onnx") || command.count("--relu") > 0) {
    trace.relu = options.relu;
  }
  if (!options.name.empty()) {
    trace.name = options.name;
  } else if (trace.name.empty()) {
    trace.name = name_from_path(options.input);
  }
  trace.provenance["format"] = options.format;
  add_provenance(trace, options.provenance);
  write_trace(trace, options.output);
  std::cout << options.output << ": " << trace.name << ", " << trace.matrix.rows << " x " << trace.inputs()
            << (trace.has_bias ? " and bias, " : ", ") << trace.matrix.nonzeros() << " nonzeros, "
            << trace.activations.vectors << " activation vectors\n";
}

}  // namespace

void add_import(CLI::App& app) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      app.add_subcommand("import", "Make a trace of a compressed layer from files of other programs");
  add_import_options(*command, *options);
  command->callback([command, options] { run_import(*command, *options); });
}

}  // namespace lacuna::cli

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/compress/kmeans.h"
#include "sim/import/csc_npy_import.h"
#include "sim/import/dense_import.h"
#include "sim/import/han_net_import.h"
#include "sim/report/output_file.h"
#include "sim/trace/trace_file.h"

namespace lacuna::cli {
namespace {

struct ImportOptions {
  std::string format;
  std::string input;
  std::string output;
  bool force = false;
  std::string name;
  bool relu = true;
  std::vector<std::string> provenance;
  DenseLayerFiles files;
  std::uint32_t codebook_index_bits = 4;
  std::string initialisation = "linear";
  std::uint64_t seed = 1;
  std::optional<std::uint32_t> rows;
  std::string layer;
  bool leave_out_bias = false;
};

constexpr char footer[] = R"(Formats:
  npy      INPUT is a file of weights [outputs, inputs]; they are shared by k-means
  csc-npy  INPUT is a folder with indptr, indices, codes, codebook and activations (.npy)
  han-net  INPUT is compressed_SqueezeNet.net; --layer names one of its 1x1 layers
Example:
  lacuna import npy weights.npy --bias bias.npy --activations inputs.npy -o layer.h5)";

[[noreturn]] void fail_option(const std::string& option, const std::string& wrong,
                              const std::string& allowed) {
  throw ConfigurationError({"", 0, option}, wrong, allowed);
}

/// Options that the chosen format does not read are refused: none is ignored in silence.
void check_options(const CLI::App& command, const std::string& format) {
  static const std::map<std::string, std::vector<std::string>> read_by = {
      {"--activations", {"npy", "han-net"}},
      {"--bias", {"npy"}},
      {"--labels", {"npy"}},
      {"--codebook-bits", {"npy"}},
      {"--init", {"npy"}},
      {"--seed", {"npy"}},
      {"--rows", {"csc-npy"}},
      {"--layer", {"han-net"}},
      {"--no-bias", {"han-net"}}};
  for (const auto& [option, formats] : read_by) {
    const bool read = std::find(formats.begin(), formats.end(), format) != formats.end();
    if (!read && command.count(option) > 0) {
      fail_option(option, "is not read by the format " + format, CLI::detail::join(formats, ", ") + " only");
    }
  }
  for (const char* needed : {"--activations", "--layer"}) {
    const std::vector<std::string>& formats = read_by.at(needed);
    const bool read = std::find(formats.begin(), formats.end(), format) != formats.end();
    if (read && command.count(needed) == 0) {
      fail_option(needed, "is missing", "needed by the format " + format);
    }
  }
}

CentroidInitialisation centroid_initialisation(const std::string& name) {
  if (name == "density") {
    return CentroidInitialisation::density;
  }
  return name == "random" ? CentroidInitialisation::random : CentroidInitialisation::linear;
}

Trace import_layer(const ImportOptions& options) {
  if (options.format == "csc-npy") {
    return import_csc_npy(options.input, options.rows);
  }
  if (options.format == "han-net") {
    return import_han_net(options.input, options.layer, options.files.activations,
                          options.leave_out_bias ? BiasHandling::leave_out : BiasHandling::share);
  }
  DenseLayerFiles files = options.files;
  files.weights = options.input;
  KmeansOptions kmeans;
  kmeans.shared_values = (1U << options.codebook_index_bits) - 1;
  kmeans.initialisation = centroid_initialisation(options.initialisation);
  kmeans.seed = options.seed;
  return import_dense_layer(files, kmeans);
}

void add_provenance(Trace& trace, const std::vector<std::string>& pairs) {
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos) {
      fail_option("--provenance", "\"" + pair + "\"", "KEY=TEXT");
    }
    trace.provenance[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
}

/// The name of a layer without one: the input's file name without its ending.
std::string name_from_path(const std::string& path) {
  const std::filesystem::path clean = std::filesystem::path(path).lexically_normal();
  return (clean.has_filename() ? clean : clean.parent_path()).stem().string();
}

void run_import(const CLI::App& command, const ImportOptions& options) {
  check_options(command, options.format);
  check_output("--output", options.output, options.force);
  Trace trace = import_layer(options);
  trace.relu = options.relu;
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
  command->footer(footer);
  command->add_option("FORMAT", options->format, "npy, csc-npy or han-net")
      ->required()
      ->check(CLI::IsMember({"npy", "csc-npy", "han-net"}));
  command->add_option("INPUT", options->input, "file or folder to import")->required();
  command->add_option("-o,--output", options->output, "trace to write (HDF5)")->required();
  command->add_flag("--force", options->force, "overwrite the output if it exists");
  command->add_option("--name", options->name, "name of the layer (default: from INPUT or --layer)");
  command->add_flag("--relu,!--no-relu", options->relu,
                    "whether outputs pass through ReLU (default: they do)");
  command->add_option("--provenance", options->provenance, "KEY=TEXT to record in the trace; repeatable")
      ->allow_extra_args(false);
  command->add_option("--activations", options->files.activations,
                      "npy, han-net: input vectors [vectors, inputs]");
  command->add_option("--bias", options->files.bias, "npy: biases [outputs], made the last column");
  command->add_option("--labels", options->files.labels, "npy: class of each vector [vectors]");
  command
      ->add_option("--codebook-bits", options->codebook_index_bits,
                   "npy: 2^bits values in the codebook, zero included")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  command->add_option("--init", options->initialisation, "npy: start of k-means: linear, density or random")
      ->check(CLI::IsMember({"linear", "density", "random"}))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "npy: seed of --init random")->capture_default_str();
  command->add_option("--rows", options->rows, "csc-npy: outputs (default: the largest row index plus one)");
  command->add_option("--layer", options->layer, "han-net: name of a 1x1 layer, such as fire5/conv1x1_1");
  command->add_flag("--no-bias", options->leave_out_bias, "han-net: leave the biases out");
  command->callback([command, options] { run_import(*command, *options); });
}

}  // namespace lacuna::cli

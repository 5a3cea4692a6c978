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
#include "sim/compress/container.h"
#include "sim/compress/layer_trace.h"
#include "sim/data/import/han_net.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/kmeans.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/import/sparse_matrix.h"
#include "sim/data/trace/trace_file.h"
#include "sim/files/output_file.h"
#include "sim/network/onnx/onnx_network.h"
#include "sim/network/write_network.h"

namespace lacuna::cli {
namespace {

/// What `lacuna import` was asked for.
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

[[noreturn]] void refuse_option(const std::string& option, const std::string& wrong,
                                const std::string& allowed) {
  throw ConfigurationError({"", 0, option}, wrong, allowed);
}

constexpr char import_footer[] = R"(Formats:
  npy      INPUT is a file of weights [outputs, inputs]; they are shared by k-means
  csc-npy  INPUT is a folder with indptr, indices, codes, codebook and activations (.npy)
  han-net  INPUT is compressed_SqueezeNet.net; --layer names one of its 1x1 layers
  npz      INPUT is a sparse matrix [outputs, inputs] of scipy.sparse.save_npz (csr, csc, coo)
  mtx      INPUT is a Matrix Market file [outputs, inputs]
  smtx     INPUT is a file of the Deep Learning Matrix Collection: positions only, the values come from --seed
  onnx     INPUT is a model; the output is a folder with network.yaml and its weights, or, with --layer and
           --activations, the trace of one Gemm or MatMul
  container  INPUT is a container of lacuna compress; --layer names one of its layers
Examples:
  lacuna import npy weights.npy --bias bias.npy --activations inputs.npy -o layer.h5
  lacuna import mtx weights.mtx --activations inputs.npy -o layer.h5
  lacuna import onnx model.onnx -o model)";

void add_trace_options(CLI::App& command, ImportOptions& options) {
  command.add_option("--name", options.name, "name of the layer (default: from INPUT or --layer)");
  command.add_flag("--relu,!--no-relu", options.relu, "whether outputs pass through ReLU (default: they do)");
  command.add_option("--provenance", options.provenance, "KEY=TEXT to record in the trace; repeatable")
      ->allow_extra_args(false);
}

void add_files(CLI::App& command, ImportOptions& options) {
  command.add_option("--activations", options.files.activations,
                     "input vectors [vectors, inputs] (all but csc-npy)");
  command.add_option("--bias", options.files.bias,
                     "npy, npz, mtx, smtx: biases [outputs], made the last column");
  command.add_option("--labels", options.files.labels, "class of each vector [vectors]");
}

void add_sharing(CLI::App& command, ImportOptions& options) {
  command
      .add_option("--codebook-bits", options.codebook_index_bits,
                  "2^bits values in the codebook, zero included")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  command
      .add_option("--init", options.initialisation, "start of k-means: linear, density, random or optimal")
      ->check(CLI::IsMember({"linear", "density", "random", "optimal"}))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "seed of --init random, and of the values of smtx")
      ->capture_default_str();
}

void add_selection(CLI::App& command, ImportOptions& options) {
  command.add_option("--rows", options.rows, "csc-npy: outputs (default: the largest row index plus one)");
  command.add_option("--layer", options.layer,
                     "han-net, onnx, container: name of a layer, such as fire5/conv1x1_1");
  command.add_flag("--no-bias", options.leave_out_bias, "han-net: leave the biases out");
}

void add_import_options(CLI::App& command, ImportOptions& options) {
  command.footer(import_footer);
  command.add_option("FORMAT", options.format, "npy, csc-npy, han-net, npz, mtx, smtx, onnx or container")
      ->required()
      ->check(CLI::IsMember({"npy", "csc-npy", "han-net", "npz", "mtx", "smtx", "onnx", "container"}));
  command.add_option("INPUT", options.input, "file or folder to import")->required();
  command.add_option("-o,--output", options.output, "trace to write (HDF5); onnx without --layer: folder")
      ->required();
  command.add_flag("--force", options.force, "overwrite the output if it exists");
  add_trace_options(command, options);
  add_files(command, options);
  add_sharing(command, options);
  add_selection(command, options);
}

/// Options that the chosen format does not read are refused: none is ignored in silence. Throws
/// ConfigurationError, also for one that the format needs.
void check_import_options(const CLI::App& command, const std::string& format) {
  static const std::map<std::string, std::vector<std::string>> read_by = {
      {"--activations", {"npy", "han-net", "npz", "mtx", "smtx", "onnx", "container"}},
      {"--bias", {"npy", "npz", "mtx", "smtx"}},
      {"--labels", {"npy", "npz", "mtx", "smtx", "onnx", "container"}},
      {"--codebook-bits", {"npy", "npz", "mtx", "smtx", "onnx"}},
      {"--init", {"npy", "npz", "mtx", "smtx", "onnx"}},
      {"--seed", {"npy", "npz", "mtx", "smtx", "onnx"}},
      {"--rows", {"csc-npy"}},
      {"--layer", {"han-net", "onnx", "container"}},
      {"--no-bias", {"han-net"}}};
  for (const auto& [option, formats] : read_by) {
    const bool read = std::find(formats.begin(), formats.end(), format) != formats.end();
    if (!read && command.count(option) > 0) {
      refuse_option(option, "is not read by the format " + format,
                    CLI::detail::join(formats, ", ") + " only");
    }
  }
  for (const char* needed : {"--activations", "--layer"}) {
    const std::vector<std::string>& formats = read_by.at(needed);
    const bool read = std::find(formats.begin(), formats.end(), format) != formats.end();
    const bool whole_model = format == "onnx" && command.count("--layer") == 0;
    if (read && !whole_model && command.count(needed) == 0) {
      refuse_option(needed, "is missing", "needed by the format " + format);
    }
  }
}

[[noreturn]] void refuse_layer(const std::string& wanted, const std::vector<std::string>& names) {
  refuse_option("--layer", "there is no layer \"" + wanted + "\"",
                CLI::detail::join(names, ", ").substr(0, 2000));
}

CentroidInitialisation centroid_initialisation(const std::string& name) {
  if (name == "density") {
    return CentroidInitialisation::density;
  }
  if (name == "optimal") {
    return CentroidInitialisation::optimal;
  }
  return name == "random" ? CentroidInitialisation::random : CentroidInitialisation::linear;
}

KmeansOptions kmeans_options(const ImportOptions& options) {
  KmeansOptions kmeans;
  kmeans.shared_values = (1U << options.codebook_index_bits) - 1;
  kmeans.initialisation = centroid_initialisation(options.initialisation);
  kmeans.seed = options.seed;
  return kmeans;
}

/// A fully connected layer of an ONNX model.
Trace share_onnx_layer(const Network& network, const NetworkLayer& layer, const ImportOptions& options) {
  if (layer.kind != LayerKind::fully_connected) {
    refuse_option("--layer", options.layer + " is no matrix", "a Gemm or MatMul");
  }
  const DenseMatrix weights{layer.outputs(),
                            static_cast<std::uint32_t>(network.input_of(layer).shape.elements()),
                            layer.weights->values};
  Trace trace = share_dense_layer(weights, layer.weights->bias, kmeans_options(options));
  trace.name = layer.name;
  trace.relu = layer.activation == Activation::relu;
  DenseLayerFiles files = options.files;
  files.weights = options.input;
  add_layer_files(trace, files, read_activations_npy(files.activations, weights.columns));
  return trace;
}

Trace import_onnx_layer(const ImportOptions& options) {
  const Network network = read_onnx(options.input);
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) {
    if (layer.name == options.layer) {
      return share_onnx_layer(network, layer, options);
    }
    names.push_back(layer.name);
  }
  refuse_layer(options.layer, names);
}

/// The trace of a compressed layer with its activations.
Trace trace_container_layer(const CompressedLayer& layer, const ImportOptions& options) {
  const auto inputs = static_cast<std::uint32_t>(layer.weights() / layer.shape.front());
  const ActivationSet activations = read_activations_npy(options.files.activations, inputs);
  std::vector<std::int32_t> labels;
  if (!options.files.labels.empty()) {
    labels = read_labels_npy(options.files.labels, activations.vectors);
  }
  Trace trace = trace_of(layer, activations, labels);
  record_source(trace, "weights", options.input);
  record_source(trace, "activations", options.files.activations);
  return trace;
}

Trace import_container_layer(const ImportOptions& options) {
  std::vector<std::string> names;
  for (const CompressedLayer& layer : read_container(options.input)) {
    if (layer.name == options.layer) {
      return trace_container_layer(layer, options);
    }
    names.push_back(layer.name);
  }
  refuse_layer(options.layer, names);
}

/// The layer that the options name, in the trace's form. Throws ConfigurationError and InputDataError.
Trace import_layer(const ImportOptions& options) {
  if (options.format == "container") {
    return import_container_layer(options);
  }
  if (options.format == "onnx") {
    return import_onnx_layer(options);
  }
  if (options.format == "csc-npy") {
    return import_csc_npy(options.input, options.rows);
  }
  if (options.format == "han-net") {
    return import_han_net(options.input, options.layer, options.files.activations,
                          options.leave_out_bias ? BiasHandling::leave_out : BiasHandling::share);
  }
  DenseLayerFiles files = options.files;
  files.weights = options.input;
  if (options.format != "npy") {
    return import_sparse_layer(options.format, files, kmeans_options(options), options.seed);
  }
  return import_dense_layer(files, kmeans_options(options));
}

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

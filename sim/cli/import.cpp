#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/common/parallel_for.h"
#include "models/common/text.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/compress/container.h"
#include "sim/compress/layer_trace.h"
#include "sim/data/import/banked_layer.h"
#include "sim/data/import/han_net.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/kmeans.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/import/weight_matrix.h"
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
  std::optional<bool> relu;
  std::optional<bool> transpose;
  std::vector<std::string> provenance;
  DenseLayerFiles files;
  std::uint32_t codebook_index_bits = 4;
  std::string initialisation = "linear";
  std::uint64_t seed = 1;
  std::optional<std::uint32_t> rows;
  std::string layer;
  bool leave_out_bias = false;
  std::vector<std::string> input_shapes;
  std::string onnx_output;
  std::string compression = "fast";
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
};

[[noreturn]] void refuse_option(const std::string& option, const std::string& wrong,
                                const std::string& allowed) {
  throw ConfigurationError({"", 0, option}, wrong, allowed);
}

std::string joined(const std::vector<std::string>& words) {
  return CLI::detail::join(words, ", ");
}

/// These and the formats with a matrix of real weights.
std::vector<std::string> import_formats() {
  std::vector<std::string> formats = weight_formats();
  for (const char* other : {"csc-npy", "han-net", "banks", "onnx", "container"}) {
    formats.emplace_back(other);
  }
  return formats;
}

constexpr char import_footer[] = R"(Formats:
  npy      INPUT is a file of weights [outputs, inputs]; they are shared by k-means
  npz      INPUT is a sparse matrix [outputs, inputs] of scipy.sparse.save_npz, or an archive of numpy.savez
  mtx      INPUT is a Matrix Market file [outputs, inputs]
  smtx     INPUT is a file of the Deep Learning Matrix Collection: positions only, the values come from --seed
  safetensors  INPUT is model.safetensors or model.safetensors.index.json; --tensor names the weights
  hdf5     INPUT is an HDF5 file, such as weights of Keras; --tensor is the path of the weights within it
  csc-npy  INPUT is a folder with indptr, indices, codes, codebook and activations (.npy)
  han-net  INPUT is compressed_SqueezeNet.net; --layer names one of its 1x1 layers
  banks  INPUT is the data folder of the EIE authors' simulator: ptr/, spm/, arithm.dat, act.dat
  onnx     INPUT is a model; the output is a folder with network.yaml and its weights, or, with --layer and
           --activations, the trace of one Gemm or MatMul; --operators lists what is read
  container  INPUT is a container of lacuna compress; --layer names one of its layers
npy, npz, mtx and smtx may be packed by gzip.
Examples:
  lacuna import npy weights.npy --bias bias.npy --activations inputs.npy --relu -o layer.h5
  lacuna import mtx weights.mtx.gz --activations inputs.npy --no-relu -o layer.h5
  lacuna import npz weights.npz --random-activations 0.4 --relu -o layer.h5
  lacuna import safetensors model.safetensors --tensor fc1.weight --bias-tensor fc1.bias --activations inputs.npy
      --relu -o fc1.h5
  lacuna import hdf5 keras.h5 --tensor dense/dense/kernel:0 --transpose --activations inputs.npy --relu -o dense.h5
  lacuna import onnx model.onnx -o model
  lacuna import onnx model.onnx --input-shape 1x3x224x224 --output scores -o model)";

void add_trace_options(CLI::App& command, ImportOptions& options) {
  command.add_option("--name", options.name, "name of the layer (default: from INPUT or --layer)");
  command.add_flag(
      "--relu,!--no-relu", options.relu,
      "whether outputs pass through ReLU; must be said where INPUT is a lone layer (all but onnx and "
      "container, which know it)");
  command
      .add_option(
          "--compression", options.compression,
          "of the trace: none (data as they are, read fastest), fast (with checksums, 16 bits a row where "
          "they do) or small (packed by gzip)")
      ->check(CLI::IsMember({"none", "fast", "small"}))
      ->capture_default_str();
  command.add_option("--provenance", options.provenance, "KEY=TEXT to record in the trace; repeatable")
      ->allow_extra_args(false);
}

void add_files(CLI::App& command, ImportOptions& options) {
  command.add_option("--activations", options.files.activations,
                     "input vectors [vectors, inputs] (all but csc-npy)");
  command
      .add_option("--random-activations", options.files.random_density,
                  "in place of --activations: made-up ones, of which so large a share is not zero; --seed "
                  "decides them")
      ->type_name("DENSITY")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--vectors", options.files.random_vectors, "how many random vectors; default 1")
      ->type_name("N")
      ->check(CLI::Range(1U, 1U << 20U));
  command.add_option("--bias", options.files.bias,
                     "biases [outputs] (.npy), made the last column: weights of " + joined(weight_formats()));
  command.add_option("--tensor", options.files.tensor,
                     "npz, safetensors, hdf5: name of the weights, where INPUT holds several arrays");
  command.add_option("--bias-tensor", options.files.bias_tensor,
                     "npz, safetensors, hdf5: name of the biases in INPUT");
  command.add_flag("--transpose,!--no-transpose", options.transpose,
                   "INPUT holds [inputs, outputs], as Keras does; must be said for hdf5");
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
      ->check(CLI::IsMember(centroid_initialisation_names))
      ->capture_default_str();
  command.add_option("--seed", options.seed, "seed of --init random, and of the values of smtx")
      ->capture_default_str();
}

void add_selection(CLI::App& command, ImportOptions& options) {
  command.add_option("--rows", options.rows,
                     "csc-npy, banks: outputs (default: the largest row index plus one)");
  command.add_option("--layer", options.layer,
                     "han-net, onnx, container: name of a layer, such as fire5/conv1x1_1");
  command.add_flag("--no-bias", options.leave_out_bias, "han-net: leave the biases out");
}

void add_import_options(CLI::App& command, ImportOptions& options) {
  command.footer(import_footer);
  command.add_option("FORMAT", options.format, "one of those below")
      ->required()
      ->check(CLI::IsMember(import_formats()));
  command.add_option("INPUT", options.input, "file or folder to import")->required();
  command.add_option("-o", options.output, "trace to write (HDF5); onnx without --layer: folder");
  command.add_option(
      "--output", options.onnx_output,
      "onnx, beside -o: the value of the graph that the network is to make; else the same as -o");
  command.add_flag("--force", options.force, "overwrite the output if it exists");
  add_trace_options(command, options);
  add_files(command, options);
  add_sharing(command, options);
  add_selection(command, options);
  command
      .add_option("--input-shape", options.input_shapes,
                  "onnx: shape of the input where the model leaves it open, such as 1x3x224x224, or "
                  "NAME=1x3x224x224; repeatable")
      ->allow_extra_args(false);
  command
      .add_option("-j,--jobs", options.jobs,
                  "onnx without --layer: layers that are written at a time; default: one per core")
      ->type_name("N")
      ->check(CLI::Range(1U, 1024U));
  command
      .add_flag_callback(
          "--operators",
          [] {
            std::cout << onnx_operator_table();
            throw CLI::Success();
          },
          "print the ONNX operators that are read, and end")
      ->trigger_on_parse();
}

/// `--output` names a value of the graph where `-o` says where to write to; else it says that itself. Throws
/// ConfigurationError.
void settle_output(ImportOptions& options) {
  if (options.output.empty()) {
    options.output = std::exchange(options.onnx_output, {});
  }
  if (options.output.empty()) {
    refuse_option("-o", "is missing", "the trace to write, or the folder");
  }
  if (!options.onnx_output.empty() && options.format != "onnx") {
    refuse_option("--output", "stands beside -o", "one of both; a value of the graph with onnx only");
  }
}

OnnxImport read_model(const ImportOptions& options) {
  OnnxChoices choices;
  choices.output = options.onnx_output;
  choices.threads = options.layer.empty() ? options.jobs : 1;
  for (const std::string& shape : options.input_shapes) {
    add_input_shape(shape, "--input-shape", choices);
  }
  return import_onnx(options.input, choices);
}

void print_notes(const OnnxImport& model) {
  for (const std::string& note : model.notes) {
    std::cout << "note: " << note << "\n";
  }
}

/// Options that the chosen format does not read are refused: none is ignored in silence. Throws
/// ConfigurationError, also for one that the format needs.
void check_import_options(const CLI::App& command, const std::string& format) {
  const auto weights_and = [](std::vector<std::string> others) {
    others.insert(others.begin(), weight_formats().begin(), weight_formats().end());
    return others;
  };
  static const std::map<std::string, std::vector<std::string>> read_by = {
      {"--activations", weights_and({"han-net", "onnx", "container"})},
      {"--random-activations", weights_and({})},
      {"--vectors", weights_and({})},
      {"--bias", weights_and({})},
      {"--tensor", named_tensor_formats()},
      {"--bias-tensor", named_tensor_formats()},
      {"--transpose", weights_and({})},
      {"--labels", weights_and({"onnx", "container"})},
      {"--codebook-bits", weights_and({"onnx"})},
      {"--init", weights_and({"onnx"})},
      {"--seed", weights_and({"onnx"})},
      {"--rows", {"csc-npy", "banks"}},
      {"--layer", {"han-net", "onnx", "container"}},
      {"--no-bias", {"han-net"}},
      {"--input-shape", {"onnx"}},
      {"--jobs", {"onnx"}}};
  for (const auto& [option, formats] : read_by) {
    const bool read = std::find(formats.begin(), formats.end(), format) != formats.end();
    if (!read && command.count(option) > 0) {
      refuse_option(option, "is not read by the format " + format, joined(formats) + " only");
    }
  }
  for (const char* needed : {"--activations", "--layer"}) {
    const std::vector<std::string>& formats = read_by.at(needed);
    const bool read = std::find(formats.begin(), formats.end(), format) != formats.end();
    const bool whole_model = format == "onnx" && command.count("--layer") == 0;
    const bool made_up = std::string(needed) == "--activations" && command.count("--random-activations") > 0;
    if (read && !whole_model && !made_up && command.count(needed) == 0) {
      refuse_option(needed, "is missing", "needed by the format " + format);
    }
  }
  if (command.count("--jobs") > 0 && command.count("--layer") > 0) {
    refuse_option("--jobs", "stands beside --layer", "one of both: a lone layer keeps to one thread");
  }
  const bool is_lone_layer = format != "onnx" && format != "container";
  if (is_lone_layer && command.count("--relu") == 0) {
    refuse_option("--relu",
                  "is missing: the format " + format + " does not say whether ReLU follows the layer",
                  "--relu or --no-relu");
  }
  for (const char* stated : {"--relu", "--transpose"}) {
    if (command.count(stated) > 1) {
      refuse_option(stated, "is said twice", std::string(stated) + " or --no" + (stated + 1));
    }
  }
  if (format == "hdf5" && command.count("--transpose") == 0) {
    refuse_option("--transpose", "is missing: HDF5 does not say which dimension is the outputs",
                  "--transpose for [inputs, outputs] (Keras), --no-transpose for [outputs, inputs]");
  }
  if (command.count("--random-activations") > 0 && command.count("--activations") > 0) {
    refuse_option("--random-activations", "stands beside --activations", "one of both");
  }
  if (command.count("--vectors") > 0 && command.count("--random-activations") == 0) {
    refuse_option("--vectors", "is given without --random-activations", "both, or --activations");
  }
  if (command.count("--bias") > 0 && command.count("--bias-tensor") > 0) {
    refuse_option("--bias-tensor", "stands beside --bias", "one of both");
  }
}

[[noreturn]] void refuse_layer(const std::string& wanted, const std::vector<std::string>& names) {
  refuse_option("--layer", "there is no layer \"" + wanted + "\"", cut(joined(names), 2000));
}

KmeansOptions kmeans_options(const ImportOptions& options) {
  KmeansOptions kmeans;
  kmeans.shared_values = (1U << options.codebook_index_bits) - 1;
  kmeans.initialisation =
      position_of<CentroidInitialisation>(options.initialisation, centroid_initialisation_names);
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
  std::uint64_t vanished = 0;
  add_layer_files(trace, files, read_activations_npy(files.activations, weights.columns, &vanished));
  record_vanished(trace, "activations", vanished);
  return trace;
}

Trace import_onnx_layer(const ImportOptions& options) {
  const OnnxImport model = read_model(options);
  const Network& network = model.network;
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) {
    if (layer.name == options.layer) {
      Trace trace = share_onnx_layer(network, layer, options);
      trace.provenance["onnx_output"] = model.output;
      if (!model.vanished.empty()) {
        trace.provenance["onnx_vanished"] = model.vanished;
      }
      if (!options.input_shapes.empty()) {
        trace.provenance["onnx_input_shape"] = CLI::detail::join(options.input_shapes, " ");
      }
      print_notes(model);
      return trace;
    }
    names.push_back(layer.name);
  }
  refuse_layer(options.layer, names);
}

/// The trace of a compressed layer with its activations.
Trace trace_container_layer(const CompressedLayer& layer, const ImportOptions& options) {
  const auto inputs = static_cast<std::uint32_t>(layer.weights() / layer.shape.front());
  std::uint64_t vanished = 0;
  const ActivationSet activations = read_activations_npy(options.files.activations, inputs, &vanished);
  std::vector<std::int32_t> labels;
  if (!options.files.labels.empty()) {
    labels = read_labels_npy(options.files.labels, activations.vectors);
  }
  Trace trace = trace_of(layer, activations, labels);
  record_vanished(trace, "activations", vanished);
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
  if (options.format == "banks") {
    return import_banked_layer(options.input, options.rows);
  }
  DenseLayerFiles files = options.files;
  files.weights = options.input;
  files.transpose = options.transpose.value_or(false);
  return import_weight_layer(options.format, files, kmeans_options(options), options.seed);
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
  const std::filesystem::path clean = std::filesystem::path(without_gz(path)).lexically_normal();
  return (clean.has_filename() ? clean : clean.parent_path()).stem().string();
}

/// A whole model becomes a network and its weights.
void import_onnx_network(const CLI::App& command, const ImportOptions& options) {
  for (const char* of_a_trace : {"--activations", "--labels", "--codebook-bits", "--init", "--seed", "--name",
                                 "--relu", "--provenance", "--compression"}) {
    if (command.count(of_a_trace) > 0) {
      refuse_option(of_a_trace, "belongs to the trace of one layer", "--layer beside it");
    }
  }
  OnnxImport model;
  std::string sha256;
  parallel_each({2.0, 1.0}, options.jobs, [&](std::size_t i) {
    if (i == 0) {
      model = read_model(options);
    } else {
      sha256 = sha256_file(options.input);
    }
  });
  const Network& network = model.network;
  if (network.layers.size() == 1) {
    throw InputDataError({options.input, 0, ""}, "the output " + model.output + " is the input as it is",
                         "a model with something to run, or --output NAME");
  }
  const std::string input_axes = onnx_axes_text(model.input_axes, network.layers.front().shape);
  const std::string output_axes = onnx_axes_text(model.output_view.axes, network.layers.back().shape);
  write_network(network, {}, options.output,
                onnx_source(model, options.input, CLI::detail::join(options.input_shapes, " "), sha256),
                options.jobs);
  std::size_t weighted = 0;
  for (const NetworkLayer& layer : network.layers) {
    weighted += has_weights(layer.kind) ? 1 : 0;
  }
  std::cout << options.output << "/network.yaml: " << network.layers.size() << " layers, " << weighted
            << " of them with weights, input " << network.layers.front().shape.text() << ", output "
            << network.layers.back().shape.text() << "\n"
            << "input " << model.input << ": " << input_axes << "; output " << model.output << ": "
            << output_axes << "\n";
  print_notes(model);
}

TraceCompression trace_compression(const std::string& name) {
  if (name == "none") {
    return TraceCompression::none;
  }
  return name == "small" ? TraceCompression::small : TraceCompression::fast;
}

std::uint32_t code_bits(std::size_t codebook_values) {
  std::uint32_t bits = 1;
  while ((std::size_t{1} << bits) < codebook_values) {
    ++bits;
  }
  return bits;
}

/// A path as a shell takes it.
std::string shell_word(const std::string& path) {
  const std::string plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  if (!path.empty() && path.find_first_not_of(plain) == std::string::npos) {
    return path;
  }
  std::string word = "'";
  for (const char c : path) {
    word += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return word + "'";
}

/// What was made of the layer, and the command to go on with.
std::string import_text(const Trace& trace, const std::string& path) {
  const sparse::CodedMatrix& matrix = trace.matrix;
  const std::uint64_t weights = std::uint64_t{matrix.rows} * trace.inputs();
  const std::uint64_t kept = trace.has_bias ? matrix.column_starts[trace.inputs()] : matrix.nonzeros();
  const std::uint32_t bits = code_bits(trace.codebook.size());
  std::string text =
      fmt::format("{}: {}, {} outputs x {} inputs{}, {} activation vectors\n", path, trace.name, matrix.rows,
                  trace.inputs(), trace.has_bias ? " and bias" : "", trace.activations.vectors);
  text += fmt::format("weights: {} of {} kept ({:.2f} %)\n", kept, weights,
                      100.0 * static_cast<double>(kept) / static_cast<double>(weights));
  text += fmt::format("codebook: {} bits, {} values and zero", bits, trace.codebook.size() - 1);
  const auto error = trace.provenance.find("weight_sharing_error");
  text += error == trace.provenance.end() ? "; taken as they are\n"
                                          : fmt::format("; error of the weights: {}\n", error->second);
  const auto bias = trace.provenance.find("bias_sharing");
  text += bias == trace.provenance.end() ? std::string()
                                         : fmt::format("biases: {}; error: {}\n", bias->second,
                                                       trace.provenance.at("bias_sharing_error"));
  text += fmt::format("ReLU: {}\n", trace.relu ? "yes" : "no");
  for (const char* note :
       {"weight_duplicates", "weight_values", "weights_transposed", "activation_values", "weights_vanished",
        "bias_vanished", "codebook_vanished", "activations_vanished"}) {
    const auto found = trace.provenance.find(note);
    text +=
        found == trace.provenance.end() ? std::string() : fmt::format("note: {}: {}\n", note, found->second);
  }
  constexpr std::uint32_t default_code_bits = 4;
  const std::string wider = bits > default_code_bits
                                ? fmt::format(" --set architecture.codebook_index_bits={}", bits)
                                : std::string();
  return text + fmt::format("next: lacuna run --trace {}{}\n", shell_word(path), wider);
}

void run_import(const CLI::App& command, ImportOptions& options) {
  settle_output(options);
  check_import_options(command, options.format);
  check_output("-o", options.output, if_exists(options.force));
  if (options.format == "onnx" && command.count("--layer") == 0) {
    import_onnx_network(command, options);
    return;
  }
  Trace trace = import_layer(options);
  trace.relu = options.relu.value_or(trace.relu);
  if (!options.name.empty()) {
    trace.name = options.name;
  } else if (trace.name.empty()) {
    trace.name = name_from_path(options.input);
  }
  trace.provenance["format"] = options.format;
  add_provenance(trace, options.provenance);
  write_trace(trace, options.output, trace_compression(options.compression));
  std::cout << import_text(trace, options.output) << std::flush;
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

#include "sim/cli/import_options.h"

#include <algorithm>
#include <map>
#include <vector>

#include "models/common/error.h"

namespace lacuna::cli {
namespace {

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
  command.add_option("--init", options.initialisation, "start of k-means: linear, density or random")
      ->check(CLI::IsMember({"linear", "density", "random"}))
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

}  // namespace

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

void refuse_option(const std::string& option, const std::string& wrong, const std::string& allowed) {
  throw ConfigurationError({"", 0, option}, wrong, allowed);
}

}  // namespace lacuna::cli

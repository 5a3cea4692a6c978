#include "sim/cli/compress_output.h"

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/cli/interrupt.h"
#include "sim/compress/compression_report.h"
#include "sim/compress/container.h"
#include "sim/compress/layer_trace.h"
#include "sim/data/trace/trace_file.h"
#include "sim/files/output_file.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {
namespace {

/// A trace of a single layer, or a network.
void write_model(const CompressionInput& input, const CompressionResult& result, const std::string& output) {
  if (!input.is_network()) {
    const ModelLayer& layer = input.model().layers.front();
    write_trace(trace_of(result.layers.front().compressed, layer.activations, layer.labels), output);
    return;
  }
  std::vector<WeightTensor> weights;
  for (const LayerResult& layer : result.layers) {
    weights.push_back(expand(layer.compressed));
  }
  input.write_network(weights, output);
}

}  // namespace

void check_outputs(const CompressArguments& arguments, const CompressionInput& input) {
  check_output("--json", arguments.json, if_exists(arguments.force));
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

std::optional<std::uint64_t> write_outputs(const CompressArguments& arguments, const CompressionInput& input,
                                           const CompressionResult& result) {
  const InterruptBlock block;
  if (!arguments.json.empty()) {
    write_output(arguments.json, pretty_json(compression_json(result, {})));
  }
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

}  // namespace lacuna::cli

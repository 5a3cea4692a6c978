#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "models/common/checksum.h"
#include "sim/cli/data_folders.h"
#include "sim/compress/compress_model.h"
#include "sim/compress/compression_file.h"
#include "sim/compress/compression_input.h"
#include "sim/compress/compression_report.h"
#include "sim/compress/container.h"
#include "sim/families.h"
#include "sim/network/onnx/onnx_network.h"
#include "sim/network/write_network.h"
#include "sim/python/bindings.h"
#include "sim/report/text_formats.h"

namespace lacuna::python {
namespace {

namespace py = pybind11;

/// Compresses what a recipe names; writes a trace or a network's folder and a container where paths are
/// given.
py::dict compress(const py::object& recipe, const std::string& out, const std::string& container,
                  std::vector<std::string> set, const std::string& share) {
  const DataFolders folders = cli::data_folders_in(share);
  const CompressionConfig config =
      read_compression(document_of(recipe, Changes{std::move(set), {}, {}, {}}, folders));
  std::string json;
  std::string text;
  {
    const py::gil_scoped_release unlocked;
    const CompressionInput input(config, "");
    CompressionOptions options;
    use_machines(config, families(), options);
    Pulse pulse;
    options.progress = [&pulse](const std::string&) { pulse.beat([] {}); };
    const CompressionResult result = compress_model(input.model(), input.settings(), options);
    if (!out.empty()) {
      write_model(input, result, out);
    }
    if (!container.empty()) {
      std::vector<CompressedLayer> layers;
      for (const LayerResult& layer : result.layers) {
        layers.push_back(layer.compressed);
      }
      write_container(layers, StreamCoding::huffman, container);
    }
    json = pretty_json(compression_json(result, {}));
    text = compression_text(result, {}, {});
  }
  py::dict dict;
  dict["json"] = std::move(json);
  dict["text"] = std::move(text);
  return dict;
}

/// Writes an ONNX model as a network's folder; returns what the user should know.
std::vector<std::string> import_model(const std::string& path, const std::string& out,
                                      const std::vector<std::string>& input_shapes,
                                      const std::string& output) {
  OnnxChoices choices;
  choices.output = output;
  for (const std::string& shape : input_shapes) {
    add_input_shape(shape, "input_shapes", choices);
  }
  const py::gil_scoped_release unlocked;
  const OnnxImport model = import_onnx(path, choices);
  write_network(model.network, {}, out,
                onnx_source(model, path, fmt::format("{}", fmt::join(input_shapes, " ")), sha256_file(path)));
  return model.notes;
}

}  // namespace

void add_models(py::module_& module) {
  module.def("compress", &compress, py::arg("recipe"), py::kw_only(), py::arg("out"), py::arg("container"),
             py::arg("set"), py::arg("share"));
  module.def("import_onnx", &import_model, py::arg("path"), py::arg("out"), py::kw_only(),
             py::arg("input_shapes"), py::arg("output"));
}

}  // namespace lacuna::python

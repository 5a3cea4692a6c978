#include "sim/network/onnx/onnx_network.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/network/onnx/onnx_graph.h"
#include "sim/network/onnx/onnx_node.h"
#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/onnx/onnx_shapes.h"
#include "sim/network/simplify.h"

namespace lacuna {
namespace {

/// Which axes of the network's input are what.
struct InputLayout {
  std::optional<std::size_t> images;
  std::vector<std::size_t> rows;
  std::vector<std::size_t> columns;
  std::vector<std::size_t> channels;
};

bool has_name(const std::string& name, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Reads one model.
class Importer {
 public:
  Importer(const onnx::ModelProto& model, const std::string& path, const OnnxChoices& choices)
      : model_(model),
        proto_(model.graph()),
        path_(path),
        choices_(choices),
        graph_(proto_, path, chosen_output(), choices.threads) {}

  OnnxImport import() {
    OnnxImport result;
    const onnx::ValueInfoProto& input = the_input();
    OnnxView view = place_input(input);
    result.input_axes = view.axes;
    graph_.define(input.name(), std::move(view));
    for (const onnx::NodeProto* node : graph_.nodes()) {
      add_node(*node);
    }
    const std::string output = chosen_output();
    if (!graph_.is_view(output)) {
      graph_.fail(
          "the output " + onnx_name(output, 64) +
              (graph_.constant(output) != nullptr ? " does not depend on the input" : " is made by no node"),
          "an output that is computed of the input");
    }
    onnx::NodeProto asked;  // a node to speak of in messages
    asked.set_op_type("output");
    asked.set_name(output);
    asked.add_input(output);
    const OnnxNode node(asked, path_, 0);
    result.output_view = graph_.as_output(node, graph_.view(node, 0));
    result.network = simplified(graph_.take(result.output_view.layer));
    result.output_view.layer = result.network.layers.size() - 1;
    result.input = onnx_name(input.name());
    result.output = onnx_name(output);
    if (graph_.has_narrowed) {
      graph_.note("float64 numbers are rounded to float32");
    }
    if (graph_.vanished > 0) {
      result.vanished = vanished_text(graph_.vanished);
      graph_.note("float64: " + result.vanished);
    }
    result.notes = std::move(graph_.notes);
    result.files = std::move(graph_.files);
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const {
    throw InputDataError({path_, 0, "graph"}, wrong, allowed);
  }

  std::string chosen_output() const {
    std::vector<std::string> names;
    for (const onnx::ValueInfoProto& output : proto_.output()) {
      names.push_back(onnx_name(output.name(), 64));
    }
    if (choices_.output.empty()) {
      if (names.size() != 1) {
        fail(fmt::format("{} outputs: {}", names.size(), fmt::join(names, ", ")),
             "one; --output NAME chooses one of several");
      }
      return proto_.output(0).name();
    }
    bool is_made = std::any_of(proto_.output().begin(), proto_.output().end(),
                               [this](const auto& output) { return output.name() == choices_.output; });
    for (const onnx::NodeProto& node : proto_.node()) {
      is_made = is_made ||
                std::find(node.output().begin(), node.output().end(), choices_.output) != node.output().end();
    }
    if (!is_made) {
      throw ConfigurationError(
          {"", 0, "--output"},
          fmt::format("the model {} makes no \"{}\"", path_, onnx_name(choices_.output, 64)),
          fmt::format("{}", fmt::join(names, ", ")));
    }
    return choices_.output;
  }

  /// Version of the operator set of a domain. Throws at the node for domains that are not read.
  std::int64_t opset_of(const onnx::NodeProto& node) const {
    const std::string& domain = node.domain();
    const bool is_standard = domain.empty() || domain == "ai.onnx";
    if (!is_standard &&
        !has_name(domain, {"qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas"})) {
      OnnxNode(node, path_, 0)
          .fail("an operator of the domain " + onnx_name(domain, 64),
                "ONNX's own operators, qonnx.custom_op.general and finn.custom_op.general");
    }
    std::int64_t version = is_standard && model_.opset_import_size() > 0 ? 0 : 1;
    for (const onnx::OperatorSetIdProto& set : model_.opset_import()) {
      const bool same =
          is_standard ? set.domain().empty() || set.domain() == "ai.onnx" : set.domain() == domain;
      version = same ? std::max<std::int64_t>(version, set.version()) : version;
    }
    if (version < 1) {
      OnnxNode(node, path_, 0).fail("the model names no version of ONNX's operators", "opset_import");
    }
    return version;
  }

  void add_node(const onnx::NodeProto& proto) {
    const OnnxNode node(proto, path_, opset_of(proto));
    const bool is_standard = proto.domain().empty() || proto.domain() == "ai.onnx";
    const std::vector<OnnxOperator>& all = onnx_operators();
    const auto found = std::find_if(all.begin(), all.end(), [&](const OnnxOperator& each) {
      return each.name == proto.op_type() && (each.domain[0] == '\0') == is_standard;
    });
    if (found == all.end()) {
      node.fail(is_standard
                    ? "the operator is not supported"
                    : "the operator of the domain " + onnx_name(proto.domain(), 64) + " is not supported",
                "those of lacuna import --operators; --output NAME ends the network before it");
    }
    bool is_constant = true;
    for (const std::string& input : proto.input()) {
      is_constant = is_constant && (input.empty() || graph_.constant(input) != nullptr);
    }
    if (is_constant && found->fold != nullptr) {
      found->fold(graph_, node);
    } else if (found->lower == nullptr) {
      node.fail("the operator is supported for constants alone", "operands that do not depend on the input");
    } else {
      found->lower(graph_, node);
    }
  }

  /// The one input that is needed and is no constant.
  const onnx::ValueInfoProto& the_input() const {
    std::vector<const onnx::ValueInfoProto*> found;
    std::vector<std::string> names;
    for (const onnx::ValueInfoProto& input : proto_.input()) {
      if (graph_.is_needed(input.name()) && graph_.constant(input.name()) == nullptr) {
        found.push_back(&input);
        names.push_back(onnx_name(input.name(), 64));
      }
    }
    if (found.empty()) {
      check_made();
    }
    if (found.size() != 1) {
      fail(found.empty()
               ? "no input that the output depends on"
               : fmt::format("the output depends on {} inputs: {}", found.size(), fmt::join(names, ", ")),
           "one; others must be initializers or unused");
    }
    return *found.front();
  }

  /// Throws when a node, or the output, takes what nothing makes.
  void check_made() const {
    std::vector<std::string> taken = {chosen_output()};
    std::vector<std::string> made = {""};
    for (const onnx::NodeProto* node : graph_.nodes()) {
      taken.insert(taken.end(), node->input().begin(), node->input().end());
      made.insert(made.end(), node->output().begin(), node->output().end());
    }
    for (const std::string& each : taken) {
      if (graph_.constant(each) == nullptr && std::find(made.begin(), made.end(), each) == made.end()) {
        fail("the value " + onnx_name(each, 64) + " is made by no node",
             "inputs, initializers and outputs of nodes");
      }
    }
  }

  std::vector<std::uint64_t> input_shape(const onnx::ValueInfoProto& input) const {
    std::optional<std::vector<std::uint32_t>> chosen;
    for (const auto& [name, shape] : choices_.input_shapes) {
      const bool exists = std::any_of(proto_.input().begin(), proto_.input().end(),
                                      [&name = name](const auto& each) { return each.name() == name; });
      if (!name.empty() && !exists) {
        throw ConfigurationError({"", 0, "--input-shape"},
                                 fmt::format("the model has no input \"{}\"", onnx_name(name, 64)),
                                 onnx_name(input.name(), 64));
      }
      if (name.empty() || name == input.name()) {
        chosen = shape;
      }
    }
    const onnx::TypeProto_Tensor& type = input.type().tensor_type();
    const int rank = type.shape().dim_size();
    const std::string name = onnx_name(input.name(), 64);
    if (!type.has_shape() && !chosen) {
      fail("the input " + name + " has no shape", "--input-shape, such as 1x3x224x224");
    }
    if (chosen && type.has_shape() && chosen->size() != static_cast<std::size_t>(rank)) {
      throw ConfigurationError({"", 0, "--input-shape"},
                               fmt::format("{} dimensions for the input {}", chosen->size(), name),
                               fmt::format("the {} that it has", rank));
    }
    const std::size_t dimensions = chosen ? chosen->size() : static_cast<std::size_t>(rank);
    std::vector<std::uint64_t> shape;
    for (std::size_t d = 0; d < dimensions; ++d) {
      const auto* dimension = type.has_shape() ? &type.shape().dim(static_cast<int>(d)) : nullptr;
      const bool fixed = dimension != nullptr &&
                         dimension->value_case() == onnx::TensorShapeProto::Dimension::kDimValue &&
                         dimension->dim_value() > 0;
      if (chosen) {
        shape.push_back((*chosen)[d]);
        if (fixed && static_cast<std::uint64_t>(dimension->dim_value()) != shape.back()) {
          throw ConfigurationError({"", 0, "--input-shape"},
                                   fmt::format("{} for dimension {} of the input {}", shape.back(), d, name),
                                   fmt::format("{}, which the model says", dimension->dim_value()));
        }
      } else {
        shape.push_back(fixed ? static_cast<std::uint64_t>(dimension->dim_value()) : 0);  // 0: open
      }
      if (shape.back() > LayerDescription::max_elements) {
        fail(fmt::format("dimension {} of the input {} is {}", d, name, shape.back()),
             fmt::format("at most {}", LayerDescription::max_elements));
      }
    }
    return shape;
  }

  /// How the first node that needs to know wants the axes; `axes` are those of the input where `value` has
  /// its own.
  std::optional<InputLayout> wanted_layout(const std::string& value, const std::vector<std::size_t>& axes,
                                           int depth) const {
    for (const onnx::NodeProto* node : graph_.nodes()) {
      const std::string& type = node->op_type();
      const bool takes = std::find(node->input().begin(), node->input().end(), value) != node->input().end();
      if (!takes || depth > 1000) {
        continue;
      }
      const std::size_t rank = axes.size();
      if (has_name(type, {"Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
                          "BatchNormalization", "LRN"}) &&
          rank >= 2) {
        return feature_map(axes);
      }
      if (has_name(type, {"LSTM", "GRU", "RNN"}) && rank == 3) {
        const bool images_first = OnnxNode(*node, path_, 1).integer("layout", 0) != 0;
        return InputLayout{axes[images_first ? 0 : 1], {axes[images_first ? 1 : 0]}, {}, {axes[2]}};
      }
      if (has_name(type, {"MatMul", "Gemm"})) {
        return std::nullopt;
      }
      std::optional<InputLayout> found;
      if (type == "Transpose") {
        std::vector<std::size_t> moved;
        for (const std::size_t from : onnx_permutation(OnnxNode(*node, path_, 1), rank)) {
          moved.push_back(axes[from]);
        }
        found = wanted_layout(node->output(0), moved, depth + 1);
      } else if (node->output_size() > 0 &&
                 has_name(type, {"Identity", "Cast", "Dropout", "Relu", "Clip", "Add", "Sub", "Mul", "Div",
                                 "Pad", "Quant", "Sigmoid", "Tanh", "LeakyRelu", "MultiThreshold"})) {
        found = wanted_layout(node->output(0), axes, depth + 1);
      }
      if (found) {
        return found;
      }
    }
    return std::nullopt;
  }

  static InputLayout feature_map(const std::vector<std::size_t>& axes) {
    InputLayout layout;
    layout.images = axes[0];
    layout.channels = {axes[1]};
    layout.rows = axes.size() > 2 ? std::vector{axes[2]} : std::vector<std::size_t>();
    layout.columns.assign(
        axes.begin() + std::min<std::ptrdiff_t>(3, static_cast<std::ptrdiff_t>(axes.size())), axes.end());
    return layout;
  }

  InputLayout input_layout(const std::string& value, std::size_t rank) const {
    std::vector<std::size_t> axes(rank);
    std::iota(axes.begin(), axes.end(), std::size_t{0});
    if (const std::optional<InputLayout> wanted = wanted_layout(value, axes, 0)) {
      return *wanted;
    }
    if (rank == 4) {
      return feature_map(axes);
    }
    InputLayout layout;  // [images, rows..., channels], or a vector alone
    layout.images = rank >= 2 ? std::optional<std::size_t>(0) : std::nullopt;
    for (std::size_t axis = rank >= 2 ? 1 : 0; axis < rank; ++axis) {
      (axis + 1 == rank ? layout.channels : layout.rows).push_back(axis);
    }
    return layout;
  }

  OnnxView place_input(const onnx::ValueInfoProto& input) {
    check_type(input);
    std::vector<std::uint64_t> shape = input_shape(input);
    const InputLayout layout = input_layout(input.name(), shape.size());
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] == 0 && layout.images == d) {
        shape[d] = 1;
      } else if (shape[d] == 0) {
        fail(fmt::format("dimension {} of the input {} is open", d, onnx_name(input.name(), 64)),
             "--input-shape, such as 1x3x224x224");
      }
    }
    NetworkLayer layer;
    layer.name = input.name().empty() ? "input" : onnx_name(input.name());
    layer.kind = LayerKind::input;
    OnnxView view;
    view.axes.resize(shape.size());
    std::int64_t stride = 1;
    const auto lay = [&](const std::vector<std::size_t>& axes) {
      const std::int64_t before = stride;
      for (std::size_t i = axes.size(); i-- > 0;) {
        view.axes[axes[i]] = {OnnxPart{shape[axes[i]], stride, false}};
        stride *= static_cast<std::int64_t>(shape[axes[i]]);
        if (stride > static_cast<std::int64_t>(LayerDescription::max_elements)) {
          fail("the input " + onnx_name(input.name(), 64) + " is too large",
               fmt::format("at most {} elements", LayerDescription::max_elements));
        }
      }
      return static_cast<std::uint32_t>(stride / before);
    };
    layer.shape.channels = lay(layout.channels);
    layer.shape.width = lay(layout.columns);
    layer.shape.height = lay(layout.rows);
    if (layout.images) {
      view.axes[*layout.images] = {OnnxPart{shape[*layout.images], 0, true}};
    }
    view.layer = graph_.place(std::move(layer));
    return view;
  }

  void check_type(const onnx::ValueInfoProto& input) {
    const std::string name = onnx_name(input.name(), 64);
    if (!input.type().has_tensor_type()) {
      fail("the input " + name + " is no tensor", "a tensor of numbers");
    }
    switch (input.type().tensor_type().elem_type()) {
      case onnx::TensorProto::FLOAT:
      case onnx::TensorProto::FLOAT16:
      case onnx::TensorProto::BFLOAT16:
      case onnx::TensorProto::UINT8:
      case onnx::TensorProto::INT8:
        return;
      case onnx::TensorProto::DOUBLE:
        graph_.note("the model computes in float64; the reference network here in float32");
        return;
      default:
        fail("the input " + name + " has the type " +
                 onnx::TensorProto_DataType_Name(input.type().tensor_type().elem_type()),
             "floating-point numbers or bytes");
    }
  }

  const onnx::ModelProto& model_;
  const onnx::GraphProto& proto_;
  const std::string& path_;
  const OnnxChoices& choices_;
  OnnxGraph graph_;
};

}  // namespace

OnnxImport import_onnx(const std::string& path, const OnnxChoices& choices) {
  std::ifstream file = open_limited(path, max_onnx_bytes);
  constexpr int block_bytes = 1 << 16;  // stays in a cache
  google::protobuf::io::IstreamInputStream blocks(&file, block_bytes);
  onnx::ModelProto model;
  if (!model.ParseFromZeroCopyStream(&blocks) || !model.has_graph()) {
    throw InputDataError({path, 0, ""}, "is not an ONNX model, or damaged", "a file that onnx.save wrote");
  }
  return Importer(model, path, choices).import();
}

std::string onnx_axes_text(const std::vector<OnnxAxis>& axes, const TensorShape& shape) {
  std::vector<std::string> names;
  for (const OnnxAxis& axis : axes) {
    const bool is_images =
        std::any_of(axis.begin(), axis.end(), [](const OnnxPart& p) { return p.is_batch; });
    const std::vector<OnnxPart> parts = joined_parts({axis});
    const OnnxPart part = parts.size() == 1 ? parts.front() : OnnxPart{};
    const auto is = [&part](std::uint64_t extent, std::uint64_t stride) {
      return part.extent == extent && part.stride == static_cast<std::int64_t>(stride);
    };
    names.emplace_back(parts.empty() && is_images                                      ? "images"
                       : parts.empty()                                                 ? "1"
                       : is(shape.channels, 1)                                         ? "channels"
                       : is(shape.width, shape.channels)                               ? "width"
                       : is(shape.height, std::uint64_t{shape.width} * shape.channels) ? "height"
                                                                                       : "elements");
  }
  return fmt::format("{}", fmt::join(names, " x "));
}

Network read_onnx(const std::string& path) {
  return import_onnx(path, {}).network;
}

void add_input_shape(const std::string& text, const std::string& key, OnnxChoices& choices) {
  const std::size_t equals = text.rfind('=');
  const std::string name = equals == std::string::npos ? "" : text.substr(0, equals);
  const std::string extents = equals == std::string::npos ? text : text.substr(equals + 1);
  std::vector<std::uint32_t> shape(1, 0);
  bool is_right = !extents.empty() && choices.input_shapes.count(name) == 0;
  bool has_digit = false;
  for (const char c : extents) {
    if (c >= '0' && c <= '9' && shape.back() <= LayerDescription::max_elements) {
      shape.back() = shape.back() * 10 + static_cast<std::uint32_t>(c - '0');
      has_digit = true;
    } else if ((c == 'x' || c == ',') && has_digit) {
      shape.push_back(0);
      has_digit = false;
    } else {
      is_right = false;
    }
  }
  for (const std::uint32_t extent : shape) {
    is_right = is_right && extent >= 1 && extent <= LayerDescription::max_elements;
  }
  if (!is_right || !has_digit) {
    throw ConfigurationError({"", 0, key}, "\"" + onnx_name(text, 128) + "\"",
                             "a shape such as 1x3x224x224, or NAME=1x3x224x224, once for each input");
  }
  choices.input_shapes[name] = std::move(shape);
}

NetworkSource onnx_source(const OnnxImport& model, const std::string& path, const std::string& input_shape,
                          const std::string& sha256) {
  NetworkSource source;
  source.model = std::filesystem::path(path).filename().string();
  source.sha256 = sha256;
  source.input = model.input;
  source.input_shape = input_shape;
  source.input_axes = onnx_axes_text(model.input_axes, model.network.layers.front().shape);
  source.output = model.output;
  source.vanished = model.vanished;
  source.output_axes = onnx_axes_text(model.output_view.axes, model.network.layers.back().shape);
  return source;
}

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/network/network.h"
#include "sim/network/network_file.h"
#include "sim/network/onnx/onnx_view.h"

namespace lacuna {

/// Largest ONNX model that is read (protocol buffers end at 2 GiB); its external data may be more.
inline constexpr std::uint64_t max_onnx_bytes = (std::uint64_t{2} << 30) - 1;

/// What a model leaves open.
struct OnnxChoices {
  /// Shapes of inputs by name, in place of the model's; "" is the one that the network takes.
  std::map<std::string, std::vector<std::uint32_t>> input_shapes;
  std::string output;  ///< the value that the network makes; empty: the model's only output
  std::size_t threads = 1;
};

/// A model as a network.
struct OnnxImport {
  Network network;                   ///< with its weights
  std::string input;                 ///< name of the value that the network takes
  std::string output;                ///< and of the one that it makes
  std::vector<OnnxAxis> input_axes;  ///< of the model's tensor through the network's input
  OnnxView output_view;              ///< of the model's tensor through the last layer's output
  std::string vanished;              ///< how many float64 numbers were too small for float32; empty: none
  std::vector<std::string> notes;    ///< what the user should know
  std::vector<std::string> files;    ///< of external data
};

/// Reads an ONNX model. docs/onnx.md says what is read and how: operators, layouts, images. Batch
/// normalisations and activations are merged into the layers before them where they can be. The network takes
/// one image; the batch of the model may be open or any number. Throws InputDataError, naming node and
/// operator, for what a network cannot hold, and ConfigurationError for shapes that do not fit and choices
/// that the model does not offer.
OnnxImport import_onnx(const std::string& path, const OnnxChoices& choices);

/// What each axis of a model's tensor is to the network, such as "images x channels x height x width".
/// `shape` is of the layer that holds it.
std::string onnx_axes_text(const std::vector<OnnxAxis>& axes, const TensorShape& shape);

/// What a network file says of the model that it was made from; `input_shape` as it was asked for, `sha256`
/// of the model's file.
NetworkSource onnx_source(const OnnxImport& model, const std::string& path, const std::string& input_shape,
                          const std::string& sha256);

/// The operators that are read, as a table in Markdown.
std::string onnx_operator_table();

/// The network alone, without choices.
Network read_onnx(const std::string& path);

/// "1x3x224x224" or "data=1x3x224x224" as a choice of a shape. Throws ConfigurationError at `key`.
void add_input_shape(const std::string& text, const std::string& key, OnnxChoices& choices);

}  // namespace lacuna

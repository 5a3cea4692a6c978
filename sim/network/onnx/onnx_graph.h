#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/network/network.h"
#include "sim/network/onnx/onnx_node.h"
#include "sim/network/onnx/onnx_view.h"

namespace lacuna {

/// Most weights of all layers together (VGG-19 has 144 million).
inline constexpr std::uint64_t most_onnx_weights = std::uint64_t{1} << 28;
/// Most bytes of all constants that nodes compute: a few bytes of a model can ask for any amount.
inline constexpr std::uint64_t most_computed_bytes = std::uint64_t{1} << 30;

/// A network that grows node by node. Each value of the ONNX graph is a constant or a view of a layer's
/// output; operators (onnx_operators.h) read the values of their inputs and define those of their outputs,
/// adding layers where there is something to compute or to move. Errors are InputDataError at the graph or a
/// node, or ConfigurationError for shapes that do not fit.
class OnnxGraph {
 public:
  /// `output` is the value that the network is to make. So many threads read and rearrange large constants.
  OnnxGraph(const onnx::GraphProto& graph, const std::string& path, const std::string& output,
            std::size_t threads);

  /// Throws InputDataError at the graph.
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;
  const std::string& path() const { return path_; }
  std::size_t threads() const { return threads_; }

  /// Whether the output depends on the value.
  bool is_needed(const std::string& value) const { return needed_.count(value) > 0; }
  /// Nodes that the output depends on, in the order of the model.
  const std::vector<const onnx::NodeProto*>& nodes() const { return nodes_; }

  // Values.

  /// Null where the value is no constant.
  const OnnxTensor* constant(const std::string& value) const;
  /// Input `i` of a node, `what` it is. Throws where it is no constant.
  const OnnxTensor& needed_constant(const OnnxNode& node, int i, const char* what) const;
  /// The same, real and finite.
  const OnnxTensor& needed_reals(const OnnxNode& node, int i, const char* what) const;
  bool is_view(const std::string& value) const { return views_.count(value) > 0; }
  /// Input `i` of a node. Throws where it is a constant or not there.
  const OnnxView& view(const OnnxNode& node, int i) const;
  /// A constant that a node computes.
  void define(const std::string& value, OnnxTensor constant);
  void define(const std::string& value, std::shared_ptr<const OnnxTensor> constant);
  void define(const std::string& value, OnnxView view);
  /// Another name for a value, whatever it is.
  void alias(const OnnxNode& node, int input, const std::string& value);
  void define_tensor(const std::string& value, const onnx::TensorProto& tensor);

  // Layers.

  /// A layer with the node's name.
  NetworkLayer make(const OnnxNode& node, LayerKind kind, std::vector<std::size_t> inputs) const;
  /// Adds a layer; returns its position.
  std::size_t place(NetworkLayer layer);
  const NetworkLayer& layer(std::size_t position) const { return network_.layers[position]; }
  const TensorShape& shape(std::size_t position) const { return network_.layers[position].shape; }

  // Layouts. Each gives a view of the same tensor whose layer lies as asked for: the same layer where that is
  // so already, else a `flatten` or `rearrange` behind it.

  /// Rows, columns and channels are these axes (all other axes are along images or have extent 1).
  OnnxView image(const OnnxNode& node, const OnnxView& view, const std::vector<std::size_t>& rows,
                 const std::vector<std::size_t>& columns, const std::vector<std::size_t>& channels);
  /// The channels are these axes, in their order if `ordered`; the pixels all others, in any order.
  OnnxView with_channels(const OnnxNode& node, const OnnxView& view, const std::vector<std::size_t>& channels,
                         bool ordered);
  /// Row-major; the last axis of more than one element is the channels.
  OnnxView row_major(const OnnxNode& node, const OnnxView& view);
  /// Each element of the layer stands once in the tensor.
  OnnxView whole(const OnnxNode& node, const OnnxView& view);
  /// Both whole, and each element at the same place. Their shapes must be equal.
  std::pair<OnnxView, OnnxView> alike(const OnnxNode& node, OnnxView a, OnnxView b);
  /// The tensor broadcast to a shape, as the standard has it.
  OnnxView broadcast(const OnnxNode& node, OnnxView view, const std::vector<std::uint64_t>& shape) const;
  /// The layer as the network's output: row-major, or a feature map with channels first.
  OnnxView as_output(const OnnxNode& node, const OnnxView& view);

  /// The network, when all nodes were added: `output` is its last layer; layers that it does not need are
  /// left out.
  Network take(std::size_t output);

  /// Something that the user should know.
  void note(std::string text);
  std::vector<std::string> notes;
  std::vector<std::string> files;  ///< of external data
  bool has_narrowed = false;       ///< a float64 number was rounded
  std::uint64_t vanished = 0;      ///< float64 numbers that were rounded to 0

 private:
  /// A part of a view's axis.
  using Place = std::pair<std::size_t, std::size_t>;

  void find_needed(const onnx::GraphProto& graph);
  void read_initializers(const onnx::GraphProto& graph);
  void define_tensor(const std::string& value, OnnxTensor tensor, OnnxTensorNotes told);
  std::vector<Place> places_of(const OnnxView& view, const std::vector<std::size_t>& axes) const;
  OnnxView arranged(const OnnxNode& node, OnnxView view, const std::vector<Place>& order,
                    const TensorShape& shape);
  std::size_t moved(const OnnxNode& node, const OnnxView& view, const std::vector<OnnxPart>& parts,
                    const TensorShape& shape);
  void check_new(const std::string& value) const;

  std::string path_;
  std::string output_;
  std::size_t threads_;
  std::map<std::string, std::shared_ptr<const OnnxTensor>> constants_;
  std::map<std::string, OnnxView> views_;
  std::set<std::string> needed_;
  std::vector<const onnx::NodeProto*> nodes_;
  std::set<std::string> names_;
  std::map<std::string, int> name_numbers_;   ///< last number behind a name that came again
  std::map<std::string, std::size_t> moves_;  ///< layers that `moved` made, by what they do
  std::uint64_t weights_ = 0;
  std::uint64_t computed_bytes_ = 0;
  Network network_;
};

}  // namespace lacuna

#include "sim/network/onnx/onnx_graph.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/parallel_for.h"

namespace lacuna {

OnnxGraph::OnnxGraph(const onnx::GraphProto& graph, const std::string& path, const std::string& output,
                     std::size_t threads)
    : path_(path), output_(output), threads_(threads) {
  network_.name = onnx_name(graph.name());
  find_needed(graph);
  read_initializers(graph);
  for (const onnx::SparseTensorProto& tensor : graph.sparse_initializer()) {
    if (is_needed(tensor.values().name())) {
      fail("the initializer " + onnx_name(tensor.values().name(), 64) + " is sparse",
           "dense initializers, in which zeros are the pruned weights");
    }
  }
}

void OnnxGraph::fail(const std::string& wrong, const std::string& allowed) const {
  throw InputDataError({path_, 0, "graph"}, wrong, allowed);
}

void OnnxGraph::note(std::string text) {
  if (std::find(notes.begin(), notes.end(), text) == notes.end()) {
    notes.push_back(std::move(text));
  }
}

/// Nodes are in the order of their use (ONNX demands it).
void OnnxGraph::find_needed(const onnx::GraphProto& graph) {
  needed_.insert(output_);
  for (int i = graph.node_size(); i-- > 0;) {
    const onnx::NodeProto& node = graph.node(i);
    if (std::any_of(node.output().begin(), node.output().end(),
                    [this](const std::string& name) { return !name.empty() && is_needed(name); })) {
      needed_.insert(node.input().begin(), node.input().end());
      nodes_.push_back(&node);
    }
  }
  std::reverse(nodes_.begin(), nodes_.end());
}

void OnnxGraph::read_initializers(const onnx::GraphProto& graph) {
  std::vector<const onnx::TensorProto*> needed;
  std::vector<double> sizes;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    if (is_needed(tensor.name())) {
      needed.push_back(&tensor);
      sizes.push_back(static_cast<double>(tensor.ByteSizeLong()));
    }
  }
  std::vector<OnnxTensor> tensors(needed.size());
  std::vector<OnnxTensorNotes> told(needed.size());
  parallel_each(sizes, threads_,
                [&](std::size_t i) { tensors[i] = onnx_tensor(*needed[i], path_, told[i]); });
  for (std::size_t i = 0; i < needed.size(); ++i) {
    define_tensor(needed[i]->name(), std::move(tensors[i]), std::move(told[i]));
  }
}

const OnnxTensor* OnnxGraph::constant(const std::string& value) const {
  const auto found = constants_.find(value);
  return found == constants_.end() ? nullptr : found->second.get();
}

const OnnxTensor& OnnxGraph::needed_constant(const OnnxNode& node, int i, const char* what) const {
  const OnnxTensor* found = constant(node.input(i));
  if (found == nullptr) {
    node.fail(fmt::format("input {}, {}, {}", i, what,
                          is_view(node.input(i)) ? "depends on the network's input" : "is not there"),
              fmt::format("a constant as {}", what));
  }
  return *found;
}

const OnnxTensor& OnnxGraph::needed_reals(const OnnxNode& node, int i, const char* what) const {
  const OnnxTensor& found = needed_constant(node, i, what);
  if (!found.is_real) {
    node.fail(fmt::format("input {}, {}, holds integers", i, what), "floating-point numbers");
  }
  for (std::size_t k = 0; k < found.reals.size(); ++k) {
    if (!std::isfinite(found.reals[k])) {
      node.fail(fmt::format("element {} of input {}, {}, is not finite", k, i, what), "finite numbers");
    }
  }
  return found;
}

const OnnxView& OnnxGraph::view(const OnnxNode& node, int i) const {
  const auto found = views_.find(node.input(i));
  if (found == views_.end()) {
    node.fail(fmt::format("input {}, \"{}\", is {}", i, onnx_name(node.input(i), 64),
                          constant(node.input(i)) != nullptr ? "a constant" : "not there"),
              "the output of an earlier node that depends on the network's input");
  }
  return found->second;
}

void OnnxGraph::check_new(const std::string& value) const {
  if (constants_.count(value) > 0 || views_.count(value) > 0) {
    fail("two values have the name " + onnx_name(value, 64), "one value for each name, as the standard says");
  }
}

void OnnxGraph::define(const std::string& value, std::shared_ptr<const OnnxTensor> constant) {
  check_new(value);
  constants_[value] = std::move(constant);
}

void OnnxGraph::define(const std::string& value, OnnxTensor constant) {
  computed_bytes_ += constant.reals.size() * sizeof(float) + constant.integers.size() * sizeof(std::int64_t);
  if (computed_bytes_ > most_computed_bytes) {
    fail("too many computed constants", fmt::format("at most {} bytes in all", most_computed_bytes));
  }
  define(value, std::make_shared<const OnnxTensor>(std::move(constant)));
}

void OnnxGraph::define(const std::string& value, OnnxView view) {
  check_new(value);
  views_[value] = std::move(view);
}

void OnnxGraph::alias(const OnnxNode& node, int input, const std::string& value) {
  const auto found = constants_.find(node.input(input));
  if (found != constants_.end()) {
    define(value, found->second);
  } else {
    define(value, view(node, input));
  }
}

void OnnxGraph::define_tensor(const std::string& value, const onnx::TensorProto& tensor) {
  OnnxTensorNotes told;
  OnnxTensor read = onnx_tensor(tensor, path_, told);
  define_tensor(value, std::move(read), std::move(told));
}

void OnnxGraph::define_tensor(const std::string& value, OnnxTensor tensor, OnnxTensorNotes told) {
  define(value, std::make_shared<const OnnxTensor>(std::move(tensor)));
  has_narrowed = has_narrowed || told.narrowed;
  vanished += told.vanished;
  for (std::string& file : told.files) {
    if (std::find(files.begin(), files.end(), file) == files.end()) {
      files.push_back(std::move(file));
    }
  }
}

NetworkLayer OnnxGraph::make(const OnnxNode& node, LayerKind kind, std::vector<std::size_t> inputs) const {
  NetworkLayer layer;
  layer.name = node.name();
  layer.kind = kind;
  layer.inputs = std::move(inputs);
  return layer;
}

std::size_t OnnxGraph::place(NetworkLayer layer) {
  weights_ += layer.weights == nullptr ? 0 : layer.weights->values.size() + layer.weights->recurrent.size();
  if (weights_ > most_onnx_weights) {
    fail("too many weights", fmt::format("at most {} in all layers", most_onnx_weights));
  }
  const std::string base = layer.name;
  while (!names_.insert(layer.name).second) {
    layer.name = base + "_" + std::to_string(++name_numbers_[base]);
  }
  layer.place = {path_, 0, ""};
  std::vector<TensorShape> inputs;
  inputs.reserve(layer.inputs.size());
  for (const std::size_t input : layer.inputs) {
    inputs.push_back(network_.layers[input].shape);
  }
  layer.shape = output_shape(layer, inputs);
  network_.layers.push_back(std::move(layer));
  return network_.layers.size() - 1;
}

std::vector<OnnxGraph::Place> OnnxGraph::places_of(const OnnxView& view,
                                                   const std::vector<std::size_t>& axes) const {
  std::vector<Place> places;
  for (const std::size_t axis : axes) {
    for (std::size_t part = 0; part < view.axes[axis].size(); ++part) {
      if (!view.axes[axis][part].is_batch) {
        places.emplace_back(axis, part);
      }
    }
  }
  return places;
}

std::size_t OnnxGraph::moved(const OnnxNode& node, const OnnxView& view, const std::vector<OnnxPart>& parts,
                             const TensorShape& shape) {
  const TensorShape& from = this->shape(view.layer);
  const std::vector<OnnxPart> joined = joined_parts({parts});
  const bool contiguous = is_contiguous(joined, view.offset, from.elements());
  if (contiguous && from == shape) {
    return view.layer;
  }
  std::string key = fmt::format("{} {} {}", view.layer, view.offset, shape.text());
  for (const OnnxPart& part : joined) {
    key += fmt::format(" {}:{}", part.extent, part.stride);
  }
  const auto known = moves_.find(key);
  if (known != moves_.end()) {
    return known->second;
  }
  const bool channels_first = view.offset == 0 && joined.size() == 2 && joined[0].extent == from.channels &&
                              joined[0].stride == 1 && joined[1].extent == from.pixels() &&
                              joined[1].stride == static_cast<std::int64_t>(from.channels);
  const bool vector = shape.pixels() == 1;
  NetworkLayer layer =
      make(node, vector && (contiguous || channels_first) ? LayerKind::flatten : LayerKind::rearrange,
           {view.layer});
  layer.name += "_layout";
  layer.shape = shape;
  layer.order = contiguous ? FlattenOrder::hwc : FlattenOrder::chw;
  if (layer.kind == LayerKind::rearrange) {
    layer.rearrangement.offset = view.offset;
    for (const OnnxPart& part : joined) {
      layer.rearrangement.extents.push_back(static_cast<std::uint32_t>(part.extent));
      layer.rearrangement.strides.push_back(part.stride);
    }
    if (joined.empty()) {
      layer.rearrangement.extents = {1};
      layer.rearrangement.strides = {0};
    }
  }
  return moves_[key] = place(std::move(layer));
}

OnnxView OnnxGraph::arranged(const OnnxNode& node, OnnxView view, const std::vector<Place>& order,
                             const TensorShape& shape) {
  std::vector<OnnxPart> parts;
  parts.reserve(order.size());
  for (const auto& [axis, part] : order) {
    parts.push_back(view.axes[axis][part]);
  }
  view.layer = moved(node, view, parts, shape);
  view.offset = 0;
  std::int64_t stride = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    OnnxPart& part = view.axes[order[i].first][order[i].second];
    part.stride = stride;
    stride *= static_cast<std::int64_t>(part.extent);
  }
  return view;
}

namespace {

std::uint32_t extent_32(const OnnxNode& node, std::uint64_t extent) {
  if (extent > LayerDescription::max_elements) {
    node.fail(fmt::format("a tensor of {} elements along one direction", extent),
              fmt::format("at most {}", LayerDescription::max_elements));
  }
  return static_cast<std::uint32_t>(extent);
}

}  // namespace

OnnxView OnnxGraph::image(const OnnxNode& node, const OnnxView& view, const std::vector<std::size_t>& rows,
                          const std::vector<std::size_t>& columns, const std::vector<std::size_t>& channels) {
  TensorShape shape;
  std::vector<Place> order;
  const auto add = [&](const std::vector<std::size_t>& axes) {
    std::uint64_t extent = 1;
    for (const Place& place : places_of(view, axes)) {
      extent *= view.axes[place.first][place.second].extent;
      order.push_back(place);
    }
    return extent_32(node, extent);
  };
  shape.height = add(rows);
  shape.width = add(columns);
  shape.channels = add(channels);
  return arranged(node, view, order, shape);
}

OnnxView OnnxGraph::with_channels(const OnnxNode& node, const OnnxView& view,
                                  const std::vector<std::size_t>& channels, bool ordered) {
  std::vector<std::size_t> others;
  for (std::size_t axis = 0; axis < view.axes.size(); ++axis) {
    if (std::find(channels.begin(), channels.end(), axis) == channels.end()) {
      others.push_back(axis);
    }
  }
  const auto by_stride = [&view](const Place& a, const Place& b) {
    return view.axes[a.first][a.second].stride > view.axes[b.first][b.second].stride;
  };
  std::vector<Place> pixel_places = places_of(view, others);
  std::vector<Place> channel_places = places_of(view, channels);
  std::stable_sort(pixel_places.begin(), pixel_places.end(), by_stride);
  if (!ordered) {
    std::stable_sort(channel_places.begin(), channel_places.end(), by_stride);
  }
  const auto extent = [&view](const std::vector<Place>& places) {
    return std::accumulate(places.begin(), places.end(), std::uint64_t{1},
                           [&view](std::uint64_t product, const Place& place) {
                             return product * view.axes[place.first][place.second].extent;
                           });
  };
  TensorShape shape{extent_32(node, extent(pixel_places)), 1, extent_32(node, extent(channel_places))};
  const TensorShape& own = this->shape(view.layer);
  if (own.channels == shape.channels && own.pixels() == shape.height) {
    shape = own;  // its rows and columns, if the elements lie there in this order
  }
  std::vector<Place> order = std::move(pixel_places);
  order.insert(order.end(), channel_places.begin(), channel_places.end());
  return arranged(node, view, order, shape);
}

OnnxView OnnxGraph::row_major(const OnnxNode& node, const OnnxView& view) {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> channels;
  for (std::size_t axis = view.axes.size(); axis-- > 0;) {
    const bool first_found = channels.empty() && !places_of(view, {axis}).empty();
    (first_found ? channels : rows).push_back(axis);
  }
  std::reverse(rows.begin(), rows.end());
  return image(node, view, rows, {}, channels);
}

OnnxView OnnxGraph::whole(const OnnxNode& node, const OnnxView& view) {
  bool repeats = view.elements() != shape(view.layer).elements();
  for (const OnnxAxis& axis : view.axes) {
    for (const OnnxPart& part : axis) {
      repeats = repeats || (!part.is_batch && part.extent > 1 && part.stride == 0);
    }
  }
  return repeats ? row_major(node, view) : view;
}

std::pair<OnnxView, OnnxView> OnnxGraph::alike(const OnnxNode& node, OnnxView a, OnnxView b) {
  if (!same_images(a, b)) {
    node.fail("joins elements of different images", "operations on each image by itself");
  }
  a = whole(node, a);
  OnnxView split_a = a;
  OnnxView split_b = b;
  for (std::size_t axis = 0; axis < a.axes.size(); ++axis) {
    if (!split_alike(split_a.axes[axis], split_b.axes[axis])) {
      return {row_major(node, a), row_major(node, b)};
    }
  }
  a = std::move(split_a);
  b = std::move(split_b);
  std::vector<std::size_t> all(a.axes.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<Place> order = places_of(a, all);
  std::stable_sort(order.begin(), order.end(), [&a](const Place& x, const Place& y) {
    return a.axes[x.first][x.second].stride > a.axes[y.first][y.second].stride;
  });
  // A part that runs backwards, or overlaps another, does not lie in the order of memory.
  const OnnxView ordered = arranged(node, a, order, shape(a.layer));
  return {ordered, arranged(node, b, order, shape(a.layer))};
}

OnnxView OnnxGraph::broadcast(const OnnxNode& node, OnnxView view,
                              const std::vector<std::uint64_t>& shape) const {
  while (view.axes.size() < shape.size()) {
    view.axes.insert(view.axes.begin(), OnnxAxis());
  }
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::uint64_t own = extent_of(view.axes[axis]);
    if (own == shape[axis]) {
      continue;
    }
    if (own != 1) {
      node.fail(fmt::format("{} elements where {} are", own, shape[axis]), "equal extents, or 1");
    }
    view.axes[axis] = {OnnxPart{shape[axis], 0, false}};
  }
  return view;
}

OnnxView OnnxGraph::as_output(const OnnxNode& node, const OnnxView& view) {
  const TensorShape& own = shape(view.layer);
  std::vector<std::size_t> held;  // axes that are not along images alone
  for (std::size_t axis = 0; axis < view.axes.size(); ++axis) {
    if (!places_of(view, {axis}).empty()) {
      held.push_back(axis);
    }
  }
  if (held.size() <= 1) {
    return image(node, view, {}, {}, held);
  }
  if (is_contiguous(joined_parts(view.axes), view.offset, own.elements()) &&
      own.channels == extent_of(view.axes[held.back()])) {
    return view;
  }
  const std::size_t rank = view.axes.size();
  const bool no_columns = rank == 3;  // [images, channels, length]
  if ((no_columns || rank == 4) && places_of(view, {0}).empty()) {
    const std::vector<OnnxPart> parts =
        joined_parts({view.axes[2], no_columns ? OnnxAxis() : view.axes[3], view.axes[1]});
    const bool same = own.channels == extent_of(view.axes[1]) && own.height == extent_of(view.axes[2]) &&
                      (no_columns || own.width == extent_of(view.axes[3]));
    if (same && is_contiguous(parts, view.offset, own.elements())) {
      return view;
    }
    if (!no_columns) {
      return image(node, view, {2}, {3}, {1});
    }
  }
  const bool has_columns = held.size() > 2;
  const auto columns_begin = held.end() - (has_columns ? 2 : 1);
  return image(node, view, {held.begin(), columns_begin}, {columns_begin, held.end() - 1}, {held.back()});
}

Network OnnxGraph::take(std::size_t output) {
  std::vector<bool> used(network_.layers.size(), false);
  used[output] = true;
  for (std::size_t i = output + 1; i-- > 0;) {
    for (const std::size_t input : network_.layers[i].inputs) {
      used[input] = used[input] || used[i];
    }
  }
  Network result;
  result.name = network_.name;
  std::vector<std::size_t> positions(network_.layers.size(), 0);
  for (std::size_t i = 0; i <= output; ++i) {
    if (used[i]) {
      positions[i] = result.layers.size();
      result.layers.push_back(network_.layers[i]);
      for (std::size_t& input : result.layers.back().inputs) {
        input = positions[input];
      }
    }
  }
  infer_shapes(result);
  return result;
}

}  // namespace lacuna

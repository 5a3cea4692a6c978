#include "tests/sim/network/onnx/onnx_values.h"

#include <functional>

#include "sim/network/reference.h"

namespace lacuna::test {
namespace {

/// Calls visit(image, position in the layer) for each index of a tensor, row-major.
void walk(const std::vector<OnnxAxis>& axes, std::int64_t offset,
          const std::function<void(std::uint64_t, std::size_t)>& visit) {
  std::vector<OnnxPart> parts;
  for (const OnnxAxis& axis : axes) {
    parts.insert(parts.end(), axis.begin(), axis.end());
  }
  std::vector<std::uint64_t> index(parts.size(), 0);
  while (true) {
    std::uint64_t image = 0;
    std::int64_t position = offset;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (parts[k].is_batch) {
        image = image * parts[k].extent + index[k];
      } else {
        position += static_cast<std::int64_t>(index[k]) * parts[k].stride;
      }
    }
    visit(image, static_cast<std::size_t>(position));
    std::size_t k = parts.size();
    while (k > 0 && ++index[k - 1] == parts[k - 1].extent) {
      index[--k] = 0;
    }
    if (k == 0) {
      return;
    }
  }
}

}  // namespace

std::vector<float> onnx_values(const OnnxImport& model, const std::vector<float>& input) {
  std::vector<Tensor> images;
  std::size_t next = 0;
  walk(model.input_axes, 0, [&](std::uint64_t image, std::size_t position) {
    while (images.size() <= image) {
      images.emplace_back(model.network.layers.front().shape);
    }
    images[image].values.at(position) = input.at(next++);
  });
  const Reference reference(model.network);
  std::vector<Tensor> outputs;
  for (const Tensor& image : images) {
    outputs.push_back(reference.run(image).back());
  }
  std::vector<float> values;
  walk(model.output_view.axes, model.output_view.offset, [&](std::uint64_t image, std::size_t position) {
    values.push_back(outputs.at(image).values.at(position));
  });
  return values;
}

std::vector<std::uint64_t> onnx_output_shape(const OnnxImport& model) {
  return model.output_view.shape();
}

}  // namespace lacuna::test

#include "sim/data/import/han_net.h"

namespace lacuna {
namespace {

/// A fire module: squeeze to `squeezed` channels, then expand to `expanded` by 1x1 and as many by 3x3 kernels
/// (source: Iandola et al., SqueezeNet, arXiv 1602.07360; names of the Caffe model).
void append_fire(std::vector<ConvolutionShape>& shapes, const std::string& name, std::uint32_t inputs,
                 std::uint32_t squeezed, std::uint32_t expanded) {
  shapes.push_back({name + "/conv1x1_1", squeezed, inputs, 1, 1});
  shapes.push_back({name + "/conv1x1_2", expanded, squeezed, 1, 1});
  shapes.push_back({name + "/conv3x3_2", expanded, squeezed, 3, 3});
}

std::vector<ConvolutionShape> make_shapes() {
  std::vector<ConvolutionShape> shapes = {{"conv1", 96, 3, 7, 7}};
  append_fire(shapes, "fire2", 96, 16, 64);
  append_fire(shapes, "fire3", 128, 16, 64);
  append_fire(shapes, "fire4", 128, 32, 128);
  append_fire(shapes, "fire5", 256, 32, 128);
  append_fire(shapes, "fire6", 256, 48, 192);
  append_fire(shapes, "fire7", 384, 48, 192);
  append_fire(shapes, "fire8", 384, 64, 256);
  append_fire(shapes, "fire9", 512, 64, 256);
  shapes.push_back({"conv_final", 1000, 512, 1, 1});
  return shapes;
}

}  // namespace

const std::vector<ConvolutionShape>& squeezenet_shapes() {
  static const std::vector<ConvolutionShape> shapes = make_shapes();
  return shapes;
}

}  // namespace lacuna

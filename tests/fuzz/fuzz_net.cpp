// `.net` files of the deep-compressed SqueezeNet, here with two small layers.

#include "models/common/error.h"
#include "sim/data/import/han_net.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const fuzz::InputFile file(bytes, size);
  fuzz::expect_error_or_none<InputDataError>([&file] {
    for (const HanNetLayer& layer : read_han_net(file.path(), {{"a", 3, 4, 1, 1}, {"b", 2, 2, 3, 3}})) {
      if (layer.shape.kernel_height == 1) {
        trace_of_pointwise_layer(layer, BiasHandling::share);
      }
    }
  });
  return 0;
}

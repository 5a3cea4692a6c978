// Network files; networks small enough to be run are.

#include "models/common/error.h"
#include "sim/network/input_images.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/small_network.h"

namespace {

using namespace lacuna;

void run(Network& network, const NetworkFile& file) {
  load_weights(network);
  const TensorShape& shape = network.layers.front().shape;
  fuzz::expect_error_or_none<Error>([&] {
    if (file.data) {
      const InputImages images(*file.data, shape);
      images.image(images.size() - 1);
    }
  });
  const Network simple = simplified(network);
  Reference(simple).run(Tensor(shape));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string path = fuzz::input_folder().write(bytes, size);
  fuzz::expect_error_or_none<Error>([&] {
    const NetworkFile file = read_network_file(path);
    Network network = make_network(file.network);
    if (fuzz::is_small(network)) {
      run(network, file);
    }
  });
  return 0;
}

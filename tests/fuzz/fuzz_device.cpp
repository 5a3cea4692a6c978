// Devices of the streaming machine and their logic tables.

#include "models/common/error.h"
#include "sim/tomato/device.h"
#include "tests/fuzz/input_folder.h"

namespace {

using namespace lacuna;

void use(const tomato::LogicCosts& logic) {
  for (const int bits : {1, 8, 33, 64}) {
    fuzz::expect_error_or_none<Error>([&] { logic.adder(bits); });
    fuzz::expect_error_or_none<Error>([&] { logic.maximum(bits); });
    for (const NumberKind kind : {NumberKind::fixed, NumberKind::shift, NumberKind::ternary}) {
      fuzz::expect_error_or_none<Error>([&] { logic.multiplier(kind, bits, bits); });
    }
  }
}

void use(const tomato::Device& device) {
  use(device.logic());
  for (const std::uint64_t size : {0U, 1U, 64U, 65536U}) {
    device.memory(size, 8);
    device.memory(8, size);
  }
  device.multipliers_per_dsp(8, 18);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string path = fuzz::input_folder().write(bytes, size);
  fuzz::expect_error_or_none<Error>([&] { use(tomato::load_logic_costs(path)); });
  fuzz::expect_error_or_none<Error>([&] { use(tomato::load_device(path)); });
  return 0;
}

// Configurations of the streaming machine: lowered, balanced, placed on a device; small ones are run.

#include "models/common/error.h"
#include "sim/network/network_file.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/machine.h"
#include "sim/tomato/run_tomato.h"
#include "sim/tomato/tomato_text.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/small_network.h"

namespace {

using namespace lacuna;

constexpr std::uint32_t most_frames = 4;

void use(tomato::TomatoConfig config) {
  const Network network = load_network(config.workload.network.resolved);
  if (!fuzz::is_small(network) || config.workload.frames > most_frames) {
    config.outputs = false;
    tomato::build_machine(config, network, {});
    return;
  }
  config.engine = tomato::EngineKind::timeline;
  tomato::run_tomato(config);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string path = fuzz::input_folder().write(bytes, size);
  fuzz::expect_error_or_none<Error>([&] { use(tomato::load_tomato_config(path)); });
  return 0;
}

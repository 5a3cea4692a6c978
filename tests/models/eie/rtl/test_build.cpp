#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/common/notice.h"
#include "models/eie/rtl/loaded_machine.h"
#include "tests/models/eie/rtl/differential.h"
#include "tests/models/eie/rtl/random_layer.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {
namespace {

namespace fs = std::filesystem;

std::string message_of_run(const RtlBuild& build) {
  const Case c = random_layer(corner_machines().at(0).parameters, 7);
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  try {
    eie::make_rtl_engine(c.parameters, build)->run(c.layer, image, c.activations);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("A missing Verilator is one clear configuration error") {
  const TemporaryFolder folder;
  RtlBuild build = test_rtl_build();
  build.cache_folder = folder.path();
  build.verilator = "no-such-verilator";
  const std::string message = message_of_run(build);
  CHECK(message.find("engine rtl: cannot run 'no-such-verilator'") != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("A missing RTL source folder is a configuration error that names it") {
  const TemporaryFolder folder;
  RtlBuild build = test_rtl_build();
  build.cache_folder = folder.path();
  build.source_folder = (fs::path(folder.path()) / "nothing").string();
  CHECK(message_of_run(build).find(build.source_folder) != std::string::npos);
}

TEST_CASE("RTL that does not compile is a configuration error that names the log") {
  const TemporaryFolder folder;
  RtlBuild build = test_rtl_build();
  build.cache_folder = (fs::path(folder.path()) / "cache").string();
  fs::copy(build.source_folder, fs::path(folder.path()) / "sources");
  build.source_folder = (fs::path(folder.path()) / "sources").string();
  std::ofstream(fs::path(folder.path()) / "sources" / "eie_ccu.sv") << "module eie_ccu endmodule\n";
  std::string told;
  listen([&](const std::string& text) { told += text; });
  const std::string message = message_of_run(build);
  listen(nullptr);
  CHECK(told.find("this machine is new; Verilator translates it") != std::string::npos);
  CHECK(told.find("compiling the machine") == std::string::npos);  // it does not come to that
  CHECK(message.find("'verilator' failed") != std::string::npos);
  CHECK(message.find("verilator.log") != std::string::npos);
}

TEST_CASE("A file that is no compiled machine is a configuration error") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(eie::LoadedMachine(folder.write("damaged.so", "no shared object")),
                    Catch::Contains("cannot load this compiled machine"));
  CHECK_THROWS_WITH(eie::LoadedMachine("libm.so.6"), Catch::Contains("this is no compiled machine"));
}

TEST_CASE("An unwritable cache is a configuration error") {
  const TemporaryFolder folder;
  std::ofstream(fs::path(folder.path()) / "file") << "x";
  RtlBuild build = test_rtl_build();
  build.cache_folder = (fs::path(folder.path()) / "file" / "cache").string();
  CHECK(message_of_run(build).find("cache") != std::string::npos);
}

TEST_CASE("A layer deeper than the compiled memories gets a deeper machine") {
  eie::Parameters p = corner_machines().at(0).parameters;
  const auto engine = eie::make_rtl_engine(p, test_rtl_build());
  for (const std::uint32_t rows : {10U, 200U, 10U}) {
    const Case c = {p, layer_from_dense(rows, 1, std::vector<std::uint8_t>(rows, 3)), {2}};
    const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(p));
    const eie::RunResult result = engine->run(c.layer, image, c.activations);
    CHECK(result.outputs == std::vector<std::int32_t>(rows, 6));
    CHECK(result.cycles == run_systemc(c).cycles);
  }
}

}  // namespace lacuna::test

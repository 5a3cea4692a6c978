#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "tests/sim/cli/program.h"

using namespace lacuna::test;
namespace fs = std::filesystem;

namespace {

std::string shipped_config(const std::string& name) {
  return shell_word(std::string(LACUNA_SOURCE_DIR) + "/configs/" + name);
}

std::string tiny() {
  return shipped_config("tomato/tiny.yaml");
}

}  // namespace

TEST_CASE("lacuna generate writes a folder once, whole") {
  const TemporaryFolder folder;
  const std::string target = folder.file("tiny");
  const ProgramEnd first = run_lacuna("generate " + tiny() + " -o " + shell_word(target));
  CHECK(first.exit_code == 0);
  CHECK(first.out.find("lacuna_tiny_top") != std::string::npos);
  CHECK(fs::exists(target + "/manifest.json"));

  const ProgramEnd again = run_lacuna("generate " + tiny() + " -o " + shell_word(target));
  CHECK(again.exit_code == 2);
  CHECK(again.err.find("--force") != std::string::npos);

  // What lies in a folder that is replaced goes with it.
  std::ofstream(target + "/rtl/left_over.sv") << "module left_over; endmodule\n";
  CHECK(run_lacuna("generate " + tiny() + " --quiet --force -o " + shell_word(target + "/")).exit_code == 0);
  CHECK_FALSE(fs::exists(target + "/rtl/left_over.sv"));
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("lacuna generate leaves folders alone that it has not written") {
  const TemporaryFolder folder;
  const std::string target = folder.file("mine");
  fs::create_directory(target);
  std::ofstream(target + "/work") << "years";
  const ProgramEnd end = run_lacuna("generate " + tiny() + " --force -o " + shell_word(target));
  CHECK(end.exit_code == 2);
  CHECK(end.err.find("manifest.json") != std::string::npos);
  CHECK(read_whole(target + "/work") == "years");
}

TEST_CASE("lacuna generate fails in one line and writes nothing") {
  const TemporaryFolder folder;
  const std::string target = shell_word(folder.file("out"));
  for (const std::string& arguments :
       {shipped_config("main.yaml") + " -o " + target, tiny() + " --top 1st -o " + target,
        tiny() + " -o " + shell_word(folder.file("no/such/folder")), tiny() + " --frames 0 -o " + target,
        tiny()}) {
    INFO(arguments);
    const ProgramEnd end = run_lacuna("generate " + arguments);
    CHECK(end.exit_code == 2);
    CHECK(end.err.find('\n') == end.err.size() - 1);
    CHECK(fs::is_empty(folder.path()));
  }
}

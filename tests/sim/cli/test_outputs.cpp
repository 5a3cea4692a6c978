// Where results go: files, links, standard output, pipes. And the way without a configuration.

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "tests/sim/cli/program.h"

using namespace lacuna::test;
namespace fs = std::filesystem;

namespace {

const std::string fc1 = std::string(LACUNA_SOURCE_DIR) + "/traces/lenet5/fc1.h5";
const std::string run = "run --trace " + shell_word(fc1) + " --engine timeline ";

/// The bytes that a file gets.
std::string file_result(const TemporaryFolder& folder, const std::string& option) {
  REQUIRE(run_lacuna(run + option + shell_word(folder.file("whole"))).exit_code == 0);
  const std::string content = read_whole(folder.file("whole"));
  fs::remove(folder.file("whole"));
  return content;
}

std::string program() {
  return shell_word(LACUNA_PROGRAM) + " ";
}

}  // namespace

TEST_CASE("results go to standard output, which then holds nothing else") {
  const TemporaryFolder folder;
  for (const std::string option : {"--json ", "--csv "}) {
    const std::string whole = file_result(folder, option);
    REQUIRE(whole.size() > 100);
    for (const std::string place : {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
      INFO(option << place);
      const ProgramEnd end = run_lacuna(run + option + place);
      CHECK(end.exit_code == 0);
      CHECK(end.err.empty());
      CHECK(end.out == whole);
    }
    CHECK(run_command("{ echo before; " + program() + run + option + "/dev/stdout; }").out ==
          "before\n" + whole);
    CHECK(run_command("sh -c " + shell_word(program() + run + option + "- | cat")).out == whole);
    CHECK(run_lacuna(run + option + "/dev/null").exit_code == 0);
    CHECK(run_lacuna(run + option + "/dev/full").err.find("/dev/full: cannot be written") !=
          std::string::npos);
  }
  const ProgramEnd both = run_lacuna(run + "--json - --csv /dev/stdout");
  CHECK(both.exit_code == 2);
  CHECK(both.err.find("--csv: goes to standard output, as --json does") != std::string::npos);
  const std::string json = file_result(folder, "--json ");
  const ProgramEnd mixed = run_lacuna(run + "--json - --csv " + shell_word(folder.file("c.csv")));
  CHECK(mixed.out == json);
  CHECK(read_whole(folder.file("c.csv")) == file_result(folder, "--csv "));
  CHECK(nlohmann::json::parse(mixed.out).at("schema") == "lacuna.result/2");
  folder.write("r.json", json);
  const ProgramEnd page = run_lacuna("report " + shell_word(folder.file("r.json")) + " -o -");
  CHECK(page.exit_code == 0);
  CHECK(page.out.find("<html") != std::string::npos);
  const std::string twice = shell_word(folder.file("r.json")) + " " + shell_word(folder.file("r.json"));
  CHECK(nlohmann::json::parse(run_lacuna("compare " + twice + " --json -").out).is_object());
  CHECK(nlohmann::json::parse(run_lacuna("energy show bottom-up-45nm --json -").out).is_object());
}

TEST_CASE("what is no text needs a file") {
  for (const std::string place : {"-", "/dev/stdout", "/dev/null"}) {
    const ProgramEnd end = run_lacuna(run + "--wave " + place);
    CHECK(end.exit_code == 2);
    CHECK(end.err.find("--wave: is no regular file") != std::string::npos);
  }
  CHECK_FALSE(fs::exists("-"));
}

TEST_CASE("results go through named pipes and process substitution") {
  const TemporaryFolder folder;
  const std::string whole = file_result(folder, "--json ");
  const std::string pipe = folder.file("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const std::string copy = shell_word(folder.file("copy"));
  const ProgramEnd end = run_command("sh -c " + shell_word("cat " + shell_word(pipe) + " > " + copy + " & " +
                                                           program() + run + "--quiet --json " +
                                                           shell_word(pipe) + "; code=$?; wait; exit $code"));
  CHECK(end.exit_code == 0);
  CHECK(read_whole(folder.file("copy")) == whole);
  CHECK(fs::is_fifo(pipe));
  const ProgramEnd substituted = run_command(
      "bash -c " + shell_word(program() + run + "--quiet --json >(cat > " + copy + "); sleep 0.5"));
  CHECK(substituted.exit_code == 0);
  CHECK(read_whole(folder.file("copy")) == whole);
}

TEST_CASE("the option --force through a symbolic link replaces the target, not the link") {
  const TemporaryFolder folder;
  fs::create_directory(folder.file("data"));
  folder.write("data/target", "old");
  fs::create_symlink("data/target", folder.file("link"));
  fs::create_symlink("link", folder.file("second"));
  const std::string whole = file_result(folder, "--json ");
  for (const std::string name : {"link", "second"}) {
    INFO(name);
    folder.write("data/target", "old");
    CHECK(run_lacuna(run + "--json " + shell_word(folder.file(name))).exit_code == 2);
    CHECK(read_whole(folder.file("data/target")) == "old");
    CHECK(run_lacuna(run + "--force --json " + shell_word(folder.file(name))).exit_code == 0);
    CHECK(fs::is_symlink(folder.file(name)));
    CHECK(fs::is_regular_file(fs::symlink_status(folder.file("data/target"))));
    CHECK(read_whole(folder.file("data/target")) == whole);
  }
  fs::create_symlink("data/new", folder.file("dangling"));
  CHECK(run_lacuna(run + "--json " + shell_word(folder.file("dangling"))).exit_code == 0);
  CHECK(fs::is_symlink(folder.file("dangling")));
  CHECK(read_whole(folder.file("data/new")) == whole);
  fs::create_symlink("none/new", folder.file("nowhere"));
  CHECK(run_lacuna(run + "--json " + shell_word(folder.file("nowhere")))
            .err.find("its folder does not exist") != std::string::npos);
}

TEST_CASE("a trace runs without a configuration as with one") {
  const TemporaryFolder folder;
  const std::string preset =
      std::string(LACUNA_SOURCE_DIR) + "/configs/architectures/eie-authors-simulator.yaml";
  folder.write("c.yaml",
               "architecture: {base: " + preset + "}\nworkload: {layers: [{trace: " + fc1 + "}]}\n");
  folder.write("d.yaml", "architecture: {kind: eie}\nworkload: {layers: [{trace: " + fc1 +
                             "}, {trace: " + fc1 + "}]}\n");
  const std::string end = " --engine timeline --json -";
  const std::string trace = " --trace " + shell_word(fc1);
  const auto layers = [](const std::string& arguments) {
    const ProgramEnd result = run_lacuna(arguments);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    return nlohmann::json::parse(result.out).at("layers");
  };
  const auto with = layers("run " + shell_word(folder.file("c.yaml")) + end);
  CHECK(layers("run" + trace + " --architecture eie-authors-simulator" + end) == with);
  CHECK(layers("run" + trace + " --architecture " + shell_word(preset) + end) == with);
  CHECK(layers("run" + trace + trace + end) == layers("run " + shell_word(folder.file("d.yaml")) + end));
  const auto changed = layers("run" + trace + " --set architecture.pe_count=8" + end);
  CHECK(changed != layers("run" + trace + end));
  CHECK(changed ==
        layers("run " + shell_word(folder.file("d.yaml")) + " --set architecture.pe_count=8 --set " +
               shell_word("workload.layers=[{trace: " + fc1 + "}]") + end));
  const auto refused = [](const std::string& arguments, const std::string& text) {
    const ProgramEnd result = run_lacuna(arguments);
    INFO(result.err);
    CHECK((result.exit_code == 2 || result.exit_code == 3));
    CHECK(result.err.find(text) != std::string::npos);
    CHECK(result.err.rfind("error: ", 0) == 0);
  };
  refused("run", "CONFIG: is missing");
  refused("run " + shell_word(folder.file("c.yaml")) + trace, "CONFIG: stands beside --trace");
  refused("run " + shell_word(folder.file("c.yaml")) + " --architecture eie-64pe-45nm",
          "--architecture: stands beside");
  refused("run" + trace + " --architecture eie-64pe-45n", "did you mean");
  refused("run --trace " + shell_word(folder.file("none.h5")), "none.h5");
  refused("run --trace " + shell_word(folder.file("\xff.h5")), ".h5");
}

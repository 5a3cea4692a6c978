// Hostile input through the program itself: one clear error line, the right exit code, no crash and no hang.

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/sim/cli/program.h"

using namespace lacuna::test;

namespace {

/// The program under a time limit and an address space of 2 GiB (not with AddressSanitizer, which needs
/// terabytes).
ProgramEnd run_limited(const std::string& arguments) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  const std::string limit;
#else
  const std::string limit = "ulimit -v 2097152; ";
#endif
  return run_command("sh -c " +
                     shell_word(limit + "exec timeout 30 " + shell_word(LACUNA_PROGRAM) + " " + arguments));
}

void check_refused(const ProgramEnd& end, int exit_code, const std::string& part) {
  INFO(end.err);
  CHECK(end.exit_code == exit_code);
  CHECK(end.out.empty());
  CHECK(end.err.rfind("error: ", 0) == 0);
  CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
  CHECK(end.err.find(part) != std::string::npos);
}

std::string run_file(const TemporaryFolder& folder, const std::string& layers, const std::string& rest = {}) {
  return "run " +
         shell_word(folder.write("c.yaml", "architecture: {kind: eie, pe_count: 4}\nworkload: {layers: [" +
                                               layers + "]}\n" + rest));
}

const std::string small_layer =
    "{generate: {rows: 8, columns: 8, weight_density: 0.5, activation_density: 0.5}}";

}  // namespace

TEST_CASE("an alias bomb and deep nesting are refused") {
  const TemporaryFolder folder;
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int copy = 0; copy < 10; ++copy) {
      bomb += alias + (copy < 9 ? ", " : "]\n");
    }
  }
  check_refused(run_limited("run " + shell_word(folder.write("bomb.yaml", bomb))), 2, "bomb.yaml:");
  check_refused(run_limited("run " + shell_word(folder.write("deep.yaml", std::string(500000, '[')))), 2,
                "deep.yaml:");
  check_refused(run_limited("run " + shell_word(folder.write("large.yaml", std::string(2U << 20, '#')))), 2,
                "large.yaml");
  check_refused(
      run_limited("run " + shell_word(folder.write("binary.yaml", std::string("a: \xff\xfe\0", 6)))), 2,
      "binary.yaml:1");
}

TEST_CASE("files that are none are refused wherever a file is expected") {
  const TemporaryFolder folder;
  const std::string inside = folder.file("folder");
  std::filesystem::create_directory(inside);
  REQUIRE(mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  std::filesystem::create_symlink("loop", folder.file("loop"));
  for (const std::string& path :
       {inside, folder.file("fifo"), folder.file("loop"), std::string("/dev/zero")}) {
    INFO(path);
    const std::string word = shell_word(path);
    check_refused(run_limited("run " + word), 2, path);
    check_refused(run_limited("sweep " + word + " --out " + shell_word(folder.file("out"))), 2, path);
    check_refused(run_limited("regress " + word), 2, path);
    check_refused(run_limited("compare " + word + " " + word), 3, path);
    check_refused(run_limited("inspect " + word), 3, path);
    check_refused(run_limited(run_file(folder, "{trace: " + path + "}")), 3, path);
    check_refused(run_limited(run_file(folder, "{workload: " + path + "}")), 2, path);
    check_refused(run_limited(run_file(folder, small_layer, "energy: " + path + "\n")), 3, path);
    check_refused(run_limited("import npy " + word + " --relu --activations " + word + " -o " +
                              shell_word(folder.file("t.h5"))),
                  3, path);
  }
  CHECK_FALSE(std::filesystem::exists(folder.file("t.h5")));
}

TEST_CASE("outputs that exist, are folders or devices, or have no folder are refused, with --force too") {
  const TemporaryFolder folder;
  const std::string run = run_file(folder, small_layer) + " --quiet ";
  folder.write("there", "kept");
  for (const std::string option : {"--json ", "--csv ", "--wave "}) {
    INFO(option);
    check_refused(run_limited(run + option + shell_word(folder.file("there"))), 2, "exists already");
    check_refused(run_limited(run + "--force " + option + shell_word(folder.path())), 2, "is a folder");
    check_refused(run_limited(run + option + shell_word(folder.file("none/x"))), 2,
                  "its folder does not exist");
  }
  check_refused(run_limited(run + "--force --wave /dev/null"), 2, "is no regular file");
  CHECK(read_whole(folder.file("there")) == "kept");
  CHECK(std::filesystem::is_character_file("/dev/null"));
  check_refused(run_limited("sweep " + shell_word(folder.file("c.yaml")) + " --out " +
                            shell_word(folder.file("there"))),
                2, "");
}

TEST_CASE("layers that would take more memory than there is are refused") {
  const TemporaryFolder folder;
  const std::string huge =
      "{generate: {rows: 1048576, columns: 1048576, weight_density: 1, activation_density: 1, vectors: "
      "65536}}";
  const ProgramEnd end = run_limited(run_file(folder, huge));
  INFO(end.err);
  CHECK((end.exit_code == 2 || end.exit_code == 3));
  CHECK(end.err.rfind("error: ", 0) == 0);
  check_refused(run_limited(run_file(folder,
                                     "{generate: {rows: 4294967296, columns: 8, weight_density: 1, "
                                     "activation_density: 1}}")),
                2, "out of range");
  check_refused(run_limited(run_file(folder,
                                     "{generate: {rows: 8, columns: 2147483648, weight_density: 1, "
                                     "activation_density: 1}}")),
                2, "out of range");
  for (const std::string number : {".nan", ".inf", "1e999", "-1", "0x1p3", "1_000"}) {
    INFO(number);
    check_refused(run_limited(run_file(folder, "{generate: {rows: 8, columns: 8, weight_density: " + number +
                                                   ", activation_density: 1}}")),
                  2, "weight_density");
  }
}

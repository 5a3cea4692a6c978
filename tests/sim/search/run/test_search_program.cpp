#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "tests/sim/cli/program.h"
#include "tests/sim/search/run/small_search.h"

namespace lacuna::test {

namespace fs = std::filesystem;

TEST_CASE("errors of a search have their place and exit code") {
  const TemporaryFolder folder;
  const std::string search = write_search(folder, "  filters: [sparse.cycles <= few]\n");
  const ProgramEnd end = run_lacuna("search " + search + " --out " + folder.file("out"));
  CHECK(end.exit_code == 2);
  CHECK(end.err.find("search.filters.0: 'few' is not a number") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.file("out")));
  CHECK(run_lacuna("search " + search).exit_code == 2);
  // lacuna hands over to lacuna-train.
  const ProgramEnd handed =
      run_command(shell_word(LACUNA_SIMULATOR) + " search " + search + " --out " + folder.file("out"));
  CHECK(handed.exit_code == 2);
  CHECK(handed.err == end.err);
  CHECK(run_lacuna("search " + folder.file("none.yaml") + " --out x").exit_code == 2);
}

}  // namespace lacuna::test

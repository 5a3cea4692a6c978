#include <regex>

#include <catch2/catch.hpp>

#include "tests/sim/cli/program.h"

using namespace lacuna::test;

TEST_CASE("the shipped suite holds on all engines") {
  const ProgramEnd end =
      run_lacuna("regress " + shell_word(std::string(LACUNA_SOURCE_DIR) + "/configs/regression/suite.yaml"));
  INFO(end.out << end.err);
  CHECK(end.exit_code == 0);
  CHECK(end.out.find("/rtl") == std::string::npos);
  CHECK(std::regex_search(end.out, std::regex("main +rtl +passed")));
}

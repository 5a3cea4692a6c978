#include <regex>
#include <string>

#include <catch2/catch.hpp>

#include "models/common/version.h"

using namespace lacuna;

TEST_CASE("the version is three numbers, and the commit is one or is said to be unknown") {
  CHECK(std::regex_match(program_version(), std::regex("[0-9]+\\.[0-9]+\\.[0-9]+")));
  const std::string commit = program_commit();
  INFO(commit);
  // Of a clone: a tag, commits since then and a number, or the number alone; "-dirty" with changes.
  CHECK((commit == "unknown" || std::regex_match(commit, std::regex("[^ \"]*[0-9a-z](-dirty)?"))));
}

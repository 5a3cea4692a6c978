// How a configuration finds its family of machines, and what it is told when it does not.

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "tests/file_bytes.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

std::string kind_of(const std::string& path) {
  return std::string(family_of(load_configuration(path), families()).kind());
}

std::string error_of(const std::string& path) {
  return test::message_of<ConfigurationError>([&path] { kind_of(path); });
}

}  // namespace

TEST_CASE("a configuration's family is its kind, or that of its base, or the first") {
  const test::TemporaryFolder folder;
  folder.write("streaming.yaml", "architecture: {kind: tomato}\n");
  folder.write("second.yaml", "architecture: {base: streaming.yaml}\n");
  CHECK(kind_of(folder.write("a.yaml", "architecture: {kind: eie}\n")) == "eie");
  CHECK(kind_of(folder.write("b.yaml", "architecture: {base: second.yaml}\n")) == "tomato");
  CHECK(kind_of(folder.write("c.yaml", "architecture: {kind: eie, base: streaming.yaml}\n")) == "eie");
  CHECK(kind_of(folder.write("d.yaml", "architecture: {pe_count: 4}\n")) == "eie");
  CHECK(kind_of(folder.write("e.yaml", "workload: {}\n")) == "eie");
}

TEST_CASE("an unknown kind names the families") {
  const test::TemporaryFolder folder;
  CHECK_THAT(
      error_of(folder.write("a.yaml", "architecture: {kind: tomatto}\n")),
      Contains("a.yaml:1: architecture.kind: 'tomatto' is no family of machines; allowed: eie, tomato"));
  CHECK_THAT(error_of(folder.write("b.yaml", "architecture: {kind: [eie]}\n")),
             Contains("architecture.kind"));
}

TEST_CASE("a base that cannot be read is the error, not what follows from it") {
  const test::TemporaryFolder folder;
  CHECK_THAT(error_of(folder.write("a.yaml", "architecture: {base: strreaming.yaml}\n")),
             Contains("architecture.base: no such file 'strreaming.yaml'"));
  folder.write("broken.yaml", "architecture: {kind: tomato\n");
  CHECK_THAT(error_of(folder.write("b.yaml", "architecture: {base: broken.yaml}\n")),
             Contains("broken.yaml"));
  folder.write("empty.yaml", "workload: {}\n");
  CHECK_THAT(error_of(folder.write("c.yaml", "architecture: {base: empty.yaml}\n")),
             Contains("'empty.yaml' has no key 'architecture'"));
  folder.write("x.yaml", "architecture: {base: y.yaml}\n");
  folder.write("y.yaml", "architecture: {base: x.yaml}\n");
  CHECK_THAT(error_of(folder.write("d.yaml", "architecture: {base: x.yaml}\n")), Contains("in a circle"));
}

TEST_CASE("families and their engines have names of their own, and the first engine steps cycles") {
  for (const Family* family : families()) {
    INFO(family->kind());
    CHECK(&find_family(std::string(family->kind()), families(), {}) == family);
    REQUIRE_FALSE(family->engines().empty());
    CHECK(family->engines().front().steps_cycles);
    for (const EngineInfo& engine : family->engines()) {
      CHECK(find_engine(family->engines(), engine.name) == &engine);
    }
  }
}

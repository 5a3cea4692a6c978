#include <catch2/catch.hpp>

#include "sim/search/run/document_digest.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

TEST_CASE("a document's digest follows what it says and what its files hold, not how it is written") {
  const test::TemporaryFolder folder;
  folder.write("data.csv", "1,2\n");
  folder.write("base.yaml", "a: {table: data.csv}\n");
  const std::string path = folder.write("top.yaml", "base: base.yaml\nlist: [1, 22]\n");
  const auto digest = [&](const std::string& text) {
    return document_digest(load_yaml(folder.write("other.yaml", text)));
  };
  const std::string first = document_digest(load_yaml(path));
  CHECK(digest("# a remark\nbase: base.yaml\nlist:\n  - 1\n  - 22\n") == first);
  CHECK(digest("base: base.yaml\nlist: [12, 2]\n") != first);
  CHECK(digest("base: base.yaml\nlist: [1, 2, 2]\n") != first);
  CHECK(digest("base: none.yaml\nlist: [1, 22]\n") != first);
  folder.write("data.csv", "1,3\n");  // two files away
  CHECK(document_digest(load_yaml(path)) != first);
}

TEST_CASE("digests of several documents read a file once") {
  const test::TemporaryFolder folder;
  folder.write("images.gz", "1");
  const YamlNode one = load_yaml(folder.write("one.yaml", "train: images.gz\n"));
  const YamlNode other = load_yaml(folder.write("other.yaml", "[train, images.gz]\n"));
  DocumentDigests digests;
  const std::string first = digests.of(one);
  folder.write("images.gz", "2");  // nobody looks
  CHECK(digests.of(one) == first);
  CHECK(digests.of(other) != document_digest(other));
  CHECK(document_digest(one) != first);
}

#include <catch2/catch.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "tests/file_bytes.h"

using namespace lacuna;

TEST_CASE("SHA-256 of the standard's examples") {
  // FIPS 180-2, appendix B.
  CHECK(sha256_bytes("abc", 3) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_bytes(nullptr, 0) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("SHA-256 of a file longer than the read buffer, and of none") {
  const test::TemporaryFolder folder;
  const test::Bytes bytes(1000000, 'a');
  test::write_all(folder.file("a"), bytes);
  CHECK(sha256_file(folder.file("a")) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(sha256_bytes(bytes.data(), bytes.size()) == sha256_file(folder.file("a")));
  CHECK_THROWS_AS(sha256_file(folder.file("missing")), InputDataError);
  CHECK_THROWS_AS(sha256_file(folder.path()), InputDataError);
}

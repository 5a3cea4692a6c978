#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/trace/trace_file.h"
#include "tests/file_bytes.h"
#include "tests/hdf5_leaks.h"
#include "tests/sim/data/trace/raw_trace.h"
#include "tests/sim/data/trace/small_trace.h"

using namespace lacuna;
using test::Bytes;

namespace {

ssize_t open_handles() {
  return H5Fget_obj_count(hid_t{H5F_OBJ_ALL}, H5F_OBJ_ALL);
}

enum class Outcome { refused, same, different };

Outcome read_damaged(const std::string& path, const Bytes& bytes, const Trace& original) {
  test::write_all(path, bytes);
  try {
    return test::same(read_trace(path), original) ? Outcome::same : Outcome::different;
  } catch (const InputDataError&) {
    return Outcome::refused;
  }
}

}  // namespace

TEST_CASE("a trace cut short at any length is refused") {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  write_trace(test::small_trace(), path);
  const Bytes whole = test::read_all(path);
  for (std::size_t length = 0; length < whole.size(); length += length < 600 ? 1 : 37) {
    INFO("length " << length);
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    REQUIRE(read_damaged(path, part, test::small_trace()) == Outcome::refused);
  }
}

TEST_CASE("a trace with any byte changed is refused or read as it was") {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  write_trace(test::small_trace(), path);
  const Bytes whole = test::read_all(path);
  std::size_t refused = 0;
  for (std::size_t position = 0; position < whole.size(); ++position) {
    INFO("byte " << position);
    Bytes damaged = whole;
    damaged[position] = static_cast<char>(damaged[position] ^ (1 << (position % 8)));
    const Outcome outcome = read_damaged(path, damaged, test::small_trace());
    REQUIRE(outcome != Outcome::different);
    refused += outcome == Outcome::refused ? 1 : 0;
  }
  CHECK(refused * 2 > whole.size());  // the rest is unused space
  CHECK(open_handles() == 0);
}

TEST_CASE("traces of another program with random damage never crash the reader") {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  test::RawTrace().write(path);
  const Bytes whole = test::read_all(path);
  const Trace original = read_trace(path);
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    INFO("seed " << seed);
    boost::random::mt19937_64 engine(seed);
    const auto below = [&engine](std::size_t bound) {
      return boost::random::uniform_int_distribution<std::size_t>(0, bound - 1)(engine);
    };
    Bytes damaged = whole;
    for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
      damaged[below(damaged.size())] = static_cast<char>(below(256));
    }
    refused += read_damaged(path, damaged, original) == Outcome::refused ? 1 : 0;
  }
  CHECK(refused > 100);
  CHECK(open_handles() == 0);
}

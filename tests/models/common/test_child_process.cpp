#include <csignal>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "models/common/child_process.h"
#include "models/common/error.h"

namespace lacuna {
namespace {

TEST_CASE("a child's bytes come back, however many") {
  const std::string long_text(1 << 20, 'x');
  CHECK(call_in_child([] { return std::string(); }).empty());
  CHECK(call_in_child([&] { return long_text; }) == long_text);
}

TEST_CASE("values are read as they were written") {
  ByteWriter writer;
  writer.put(std::uint64_t{7});
  writer.put_all(std::vector<std::int32_t>{1, -2, 3});
  writer.put_all(std::string());
  writer.put(2.5);
  const std::string bytes = writer.take();
  ByteReader reader(bytes);
  std::vector<std::int32_t> numbers;
  std::string text = "old";
  CHECK(reader.get<std::uint64_t>() == 7);
  reader.get_all(numbers);
  reader.get_all(text);
  CHECK(numbers == std::vector<std::int32_t>{1, -2, 3});
  CHECK(text.empty());
  CHECK(reader.get<double>() == 2.5);
}

TEST_CASE("errors of a child keep their kind and message, and a dead one is named by its signal") {
  CHECK_THROWS_AS(call_in_child([]() -> std::string { throw InputDataError({}, "bad data"); }),
                  InputDataError);
  CHECK_THROWS_WITH(call_in_child([]() -> std::string { throw ConfigurationError({}, "bad key"); }),
                    "bad key");
  CHECK_THROWS_WITH(call_in_child([]() -> std::string {
                      ::kill(::getpid(), SIGKILL);
                      return {};
                    }),
                    Catch::Contains("signal 9"));
  CHECK_THROWS_WITH(call_in_child([]() -> std::string { ::_exit(0); }), Catch::Contains("without a result"));
}

}  // namespace
}  // namespace lacuna

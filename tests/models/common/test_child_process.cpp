#include <csignal>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "tests/file_bytes.h"
#include "tests/no_descriptors.h"

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

TEST_CASE("a child is ended by signals whatever the caller does with them") {
  const auto before = std::signal(SIGINT, SIG_IGN);
  CHECK_THROWS_WITH(call_in_child([]() -> std::string {
                      ::raise(SIGINT);
                      return {};
                    }),
                    Catch::Contains("signal 2"));
  std::signal(SIGINT, before);
}

TEST_CASE("a child that cannot be started is an error") {
  const std::string message = test::message_of<Error>([] {
    const test::NoDescriptors none;
    call_in_child([] { return std::string(); });
  });
  CHECK(message == "cannot start a process: Too many open files");
}

}  // namespace
}  // namespace lacuna

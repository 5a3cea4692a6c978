#include <cerrno>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <new>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "tests/file_bytes.h"
#include "tests/no_descriptors.h"

namespace lacuna {
namespace {

/// Files and pipes that this process has open.
[[maybe_unused]] std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

[[maybe_unused]] bool has_children() {
  return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

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

TEST_CASE("every exception of a child comes back, whatever it is") {
  CHECK_THROWS_AS(call_in_child([]() -> std::string { throw std::bad_alloc(); }), std::bad_alloc);
  const std::string plain = test::message_of<Error>(
      [] { call_in_child([]() -> std::string { throw std::runtime_error("no engine"); }); });
  CHECK(plain == "no engine");
  const std::string odd = test::message_of<Error>([] { call_in_child([]() -> std::string { throw 7; }); });
  CHECK(odd == "the engine's process ended by an exception of an unknown kind");
}

TEST_CASE("an answer for which there is no memory leaves no process and no pipe") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  WARN("skipped: sanitizers reserve more than any limit");
#else
  // In a child, so that the limit does not stay.
  const std::string reply = call_in_child([]() -> std::string {
    rlimit limit{};
    getrlimit(RLIMIT_AS, &limit);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 256 << 20;
    setrlimit(RLIMIT_AS, &limit);
    const std::ptrdiff_t open_before = open_descriptors();
    try {
      call_in_child([&]() -> std::string {
        limit.rlim_cur = before;
        setrlimit(RLIMIT_AS, &limit);
        return std::string(512 << 20, 'x');
      });
    } catch (const std::bad_alloc&) {
      return std::string(has_children() ? "a process" : "no process") +
             (open_descriptors() == open_before ? ", no pipe" : ", a pipe");
    }
    return "an answer";
  });
  CHECK(reply == "no process, no pipe");
#endif
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

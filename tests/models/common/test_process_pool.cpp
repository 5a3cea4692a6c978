#include <csignal>
#include <map>
#include <stdexcept>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "models/common/error.h"
#include "models/common/process_pool.h"
#include "tests/file_bytes.h"
#include "tests/no_descriptors.h"

using namespace lacuna;

TEST_CASE("processes reply with their bytes, or with the signal that ended them") {
  const std::string long_text(1 << 20, 'x');
  ProcessPool pool;
  pool.start(1, [&] { return long_text; });
  pool.start(2, [] { return std::string(); });
  pool.start(3, []() -> std::string {
    raise(SIGKILL);
    return {};
  });
  pool.start(4, []() -> std::string { _exit(0); });
  pool.start(5, []() -> std::string { throw std::runtime_error("in the child, and not in this process"); });
  std::map<std::uint64_t, ProcessPool::Reply> replies;
  while (pool.running() > 0) {
    pool.receive([&](const ProcessPool::Reply& reply) { replies.emplace(reply.task, reply); });
  }
  CHECK(replies.at(1).bytes == long_text);
  CHECK(replies.at(1).signal == 0);
  CHECK(replies.at(2).bytes.empty());
  CHECK(replies.at(3).signal == SIGKILL);
  CHECK(replies.at(4).bytes.empty());
  CHECK(replies.at(5).bytes.empty());
  CHECK(replies.at(5).signal == 0);
}

TEST_CASE("a process that cannot be started is an error, and none is left running") {
#ifdef __SANITIZE_ADDRESS__
  WARN("skipped: UndefinedBehaviorSanitizer itself needs a pipe to look at an object's type");
#else
  ProcessPool pool;
  const std::string message = test::message_of<Error>([&pool] {
    const test::NoDescriptors none;
    pool.start(1, [] { return std::string(); });
  });
  CHECK(message == "cannot start a process: Too many open files");
  CHECK(pool.running() == 0);
#endif
}

TEST_CASE("processes end with their pool") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t process = 0;
  {
    ProcessPool pool;
    pool.start(1, [&ends]() -> std::string {
      const pid_t self = getpid();
      if (write(ends[1], &self, sizeof(self)) == sizeof(self)) {
        pause();
      }
      return {};
    });
    REQUIRE(read(ends[0], &process, sizeof(process)) == sizeof(process));
    CHECK(kill(process, 0) == 0);
  }
  CHECK(kill(process, 0) != 0);
  close(ends[0]);
  close(ends[1]);
}

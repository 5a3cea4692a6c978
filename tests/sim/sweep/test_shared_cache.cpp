#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/family/shared_cache.h"

using namespace lacuna;

namespace {

struct Block {
  int value;
  std::uint64_t bytes() const { return 100; }
};

}  // namespace

TEST_CASE("a value is made once, whoever asks for it") {
  SharedCache<int, Block> cache(1000);
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int key = 0; key < 5; ++key) {
        cache.get(key, [&] {
          ++made;
          return Block{key};
        });
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(made == 5);
}

TEST_CASE("who prepares a value does not wait for another who is at it") {
  SharedCache<int, Block> cache(5000);
  std::promise<void> begun;
  std::promise<void> go_on;
  std::thread other([&] {
    cache.prepare(1, [&] {
      begun.set_value();
      go_on.get_future().wait();
      return Block{1};
    });
  });
  begun.get_future().wait();
  bool made = false;
  cache.prepare(1, [&] {
    made = true;
    return Block{2};
  });  // comes back though the value is not there
  CHECK_FALSE(made);
  cache.prepare(3, []() -> Block { throw std::runtime_error("no"); });
  CHECK_THROWS_WITH(cache.get(3, [] { return Block{3}; }), "no");
  go_on.set_value();
  CHECK(cache.get(1, [] { return Block{3}; })->value == 1);
  other.join();
}

TEST_CASE("what was not used for longest goes first, and whoever holds it keeps it") {
  SharedCache<int, Block> cache(300);
  int made = 0;
  const auto get = [&](int key) {
    return cache.get(key, [&] {
      ++made;
      return Block{key};
    });
  };
  const auto held = get(0);
  get(1);
  get(2);
  get(0);
  get(3);  // drops 1
  CHECK(made == 4);
  get(0);
  get(2);
  get(3);
  CHECK(made == 4);
  get(1);
  CHECK(made == 5);
  CHECK(held->value == 0);
}

TEST_CASE("an exception stays in the place of its value") {
  SharedCache<int, Block> cache(5000);
  int made = 0;
  const auto fail = [&]() -> Block {
    ++made;
    throw std::runtime_error("no");
  };
  CHECK_THROWS_WITH(cache.get(1, fail), "no");
  CHECK_THROWS_WITH(cache.get(1, fail), "no");
  CHECK(made == 1);
}

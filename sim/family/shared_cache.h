#pragma once

#include <cstdint>
#include <exception>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace lacuna {

/// Values that several threads share: the first that asks for a key makes the value, the others wait for it.
/// What was not used for longest is dropped once the values, by their `bytes()`, exceed the budget; whoever
/// still holds a dropped value keeps it. An exception thrown while making a value is kept in its place.
template <class Key, class Value>
class SharedCache {
 public:
  using Pointer = std::shared_ptr<const Value>;

  explicit SharedCache(std::uint64_t budget_bytes) : budget_bytes_(budget_bytes) {}

  /// The value of `key`; `make()` returns it (a Value) if it is not here.
  template <class Make>
  Pointer get(const Key& key, Make&& make) {
    std::promise<Pointer> promise;
    std::shared_future<Pointer> future;
    bool mine = false;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      auto [found, added] = entries_.try_emplace(key);
      Entry& entry = found->second;
      if (added) {
        entry.future = promise.get_future().share();
        entry.place = order_.insert(order_.end(), found);
        mine = true;
      } else {
        order_.splice(order_.end(), order_, entry.place);
      }
      future = entry.future;
    }
    if (mine) {
      fill(key, promise, std::forward<Make>(make));
    }
    return future.get();
  }

  /// Makes the value of `key` by `make()` if nobody has, for a later `get`; does not wait for another thread
  /// that is at it. An exception is kept, not thrown.
  template <class Make>
  void prepare(const Key& key, Make&& make) {
    std::promise<Pointer> promise;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      auto [found, added] = entries_.try_emplace(key);
      if (!added) {
        return;
      }
      found->second.future = promise.get_future().share();
      found->second.place = order_.insert(order_.end(), found);
    }
    fill(key, promise, std::forward<Make>(make));
  }

 private:
  struct Entry;
  using Entries = std::map<Key, Entry>;
  struct Entry {
    std::shared_future<Pointer> future;
    std::uint64_t bytes = 0;
    bool ready = false;
    typename std::list<typename Entries::iterator>::iterator place;
  };

  template <class Make>
  void fill(const Key& key, std::promise<Pointer>& promise, Make&& make) {
    constexpr std::uint64_t exception_bytes = 1024;
    std::uint64_t bytes = exception_bytes;
    try {
      Pointer value = std::make_shared<const Value>(make());
      bytes = value->bytes();
      promise.set_value(std::move(value));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    Entry& entry = entries_.at(key);
    entry.bytes = bytes;
    entry.ready = true;
    held_bytes_ += bytes;
    drop_oldest();
  }

  void drop_oldest() {
    for (auto oldest = order_.begin(); oldest != order_.end() && held_bytes_ > budget_bytes_;) {
      const auto entry = *oldest;
      if (!entry->second.ready) {
        ++oldest;
        continue;
      }
      held_bytes_ -= entry->second.bytes;
      oldest = order_.erase(oldest);
      entries_.erase(entry);
    }
  }

  const std::uint64_t budget_bytes_;
  std::mutex mutex_;
  std::uint64_t held_bytes_ = 0;
  Entries entries_;
  std::list<typename Entries::iterator> order_;  ///< oldest use first
};

}  // namespace lacuna

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace lacuna {

/// Throws InputDataError about a checkpoint that is none.
[[noreturn]] void refuse_damaged_state(const std::string& path);

/// Plain values one after the other.
class StateWriter {
 public:
  template <class T>
  void value(const T& number) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(T));
  }
  template <class Container>
  void plain(const Container& values) {
    value(std::uint64_t{values.size()});
    bytes_.append(reinterpret_cast<const char*>(values.data()),
                  values.size() * sizeof(typename Container::value_type));
  }
  template <class Item, class Each>
  void list(const std::vector<Item>& items, Each each) {
    value(std::uint64_t{items.size()});
    for (const Item& item : items) {
      each(item);
    }
  }
  template <class Item, class Each>
  void optional(const std::optional<Item>& item, Each each) {
    value(item.has_value());
    if (item) {
      each(*item);
    }
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a StateWriter wrote; never beyond the end, and never allocates more than there are bytes.
class StateReader {
 public:
  StateReader(const std::string& bytes, std::size_t next, std::size_t end, const std::string& path)
      : bytes_(bytes), next_(next), end_(end), path_(path) {}

  template <class T>
  void value(T& number) {
    take(&number, sizeof(T));
  }
  template <class Container>
  void plain(Container& values) {
    values.resize(count(sizeof(typename Container::value_type)));
    take(values.data(), values.size() * sizeof(typename Container::value_type));
  }
  template <class Item, class Each>
  void list(std::vector<Item>& items, Each each) {
    items.resize(count(1));
    for (Item& item : items) {
      each(item);
    }
  }
  template <class Item, class Each>
  void optional(std::optional<Item>& item, Each each) {
    std::uint8_t there = 0;
    value(there);
    item.reset();
    if (there != 0) {
      each(item.emplace());
    }
  }
  bool at_end() const { return next_ == end_; }

 private:
  std::size_t count(std::size_t item_size) {
    std::uint64_t size = 0;
    value(size);
    if (size > (end_ - next_) / item_size) {
      refuse_damaged_state(path_);
    }
    return static_cast<std::size_t>(size);
  }
  void take(void* to, std::size_t size) {
    if (size > end_ - next_) {
      refuse_damaged_state(path_);
    }
    if (size > 0) {
      std::memcpy(to, bytes_.data() + next_, size);
      next_ += size;
    }
  }

  const std::string& bytes_;
  std::size_t next_;
  std::size_t end_;
  const std::string& path_;
};

/// Writes a state so that it appears, complete, by rename, with a checksum. `kind` and `identity` (what it
/// belongs to) are a line each. Throws InputDataError when it cannot be written.
void save_state(const std::string& kind, const std::string& identity, const std::string& state,
                const std::string& path);

/// The same, of what `write` gives to a StateWriter.
template <class Write>
void write_state_file(const std::string& kind, const std::string& identity, const std::string& path,
                      Write write) {
  StateWriter writer;
  write(writer);
  save_state(kind, identity, writer.take(), path);
}

/// Behind the line of the identity, and where the state ends; for read_state_file.
struct StateSpan {
  std::string content;
  std::size_t first = 0;
  std::size_t end = 0;
};
StateSpan load_state(const std::string& kind, const std::string& identity, const std::string& path);

/// Reads one back: `read` gets the reader, and has to come to the state's end. Throws InputDataError for a
/// damaged file or one of another kind, and ConfigurationError for one of another identity.
template <class Read>
void read_state_file(const std::string& kind, const std::string& identity, const std::string& path,
                     Read read) {
  const StateSpan span = load_state(kind, identity, path);
  StateReader reader(span.content, span.first, span.end, path);
  read(reader);
  if (!reader.at_end()) {
    refuse_damaged_state(path);
  }
}

}  // namespace lacuna

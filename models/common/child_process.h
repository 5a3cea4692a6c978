#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <type_traits>

namespace lacuna {

/// Plain values one after the other, for a reader in the same program, so that no byte order or layout can
/// differ.
class ByteWriter {
 public:
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  /// A vector or string of plain values.
  template <class Container>
  void put_all(const Container& values) {
    static_assert(std::is_trivially_copyable_v<typename Container::value_type>);
    put(std::uint64_t{values.size()});
    bytes_.append(reinterpret_cast<const char*>(values.data()),
                  values.size() * sizeof(typename Container::value_type));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a ByteWriter wrote, in the same order.
class ByteReader {
 public:
  explicit ByteReader(const std::string& bytes) : next_(bytes.data()) {}

  template <class T>
  T get() {
    T value;
    take(&value, sizeof(T));
    return value;
  }
  template <class Container>
  void get_all(Container& values) {
    values.resize(get<std::uint64_t>());
    take(values.data(), values.size() * sizeof(typename Container::value_type));
  }

 private:
  void take(void* to, std::size_t count) {
    if (count > 0) {
      std::memcpy(to, next_, count);
      next_ += count;
    }
  }

  const char* next_;
};

/// Calls `work` in a forked child process and returns its bytes. The calling process should have no other
/// threads. An error thrown in the child is thrown here with the same message: InputDataError as such, every
/// other as ConfigurationError. A child that dies is an Error that names the signal. The child's signals end
/// it at once, whatever the caller's handlers are; it does not outlive the caller.
std::string call_in_child(const std::function<std::string()>& work);

/// Ends a forked process without what its parent would do at its end. In coverage builds what it has reached
/// counts.
[[noreturn]] void exit_child(int code);

}  // namespace lacuna

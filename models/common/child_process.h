#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include <sys/types.h>

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

/// What the keyboard's interrupts and the system's requests to end do to a child.
enum class ChildSignals {
  end_it,         ///< whatever handlers the parent has
  left_to_parent  ///< which ends the child, and all that the child has started
};

/// A forked child process that sends what `work` returns through a pipe. It does not outlive its parent, and
/// is ended when this object goes before it has been waited for. The parent should have no other threads.
class ChildProcess {
 public:
  using Work = std::function<std::string()>;

  /// Throws Error when the system gives no pipe or no process.
  ChildProcess(ChildSignals signals, const Work& work);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Readable when there is something to read, or nothing more will come.
  int descriptor() const { return descriptor_; }

  /// Appends some of what the child has sent to `reply`, waiting until there is something; false at the end.
  bool read_some(std::string& reply);

  /// Waits for the child's end.
  struct End {
    int signal = 0;         ///< that ended it; 0 when it ended by itself
    bool complete = false;  ///< `work` has returned, and its bytes were sent
  };
  End wait();

 private:
  pid_t process_ = -1;
  int descriptor_ = -1;
  bool running_ = false;
};

/// Calls `work` in a child process, which signals end, and returns its bytes. An error that `work` throws is
/// thrown here with the same message: ConfigurationError, InputDataError and std::bad_alloc as such, every
/// other exception as Error. A child that dies is an Error that names the signal.
std::string call_in_child(const std::function<std::string()>& work);

/// Ends a forked process without what its parent would do at its end. In coverage builds what it has reached
/// counts.
[[noreturn]] void exit_child(int code);

}  // namespace lacuna

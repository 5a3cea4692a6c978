#include "models/eie/forked_engine.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/error.h"

namespace lacuna::eie {
namespace {

/// Writes plain values to a pipe; the reader is the same program, so no byte order or layout can differ.
class PipeWriter {
 public:
  explicit PipeWriter(int descriptor) : descriptor_(descriptor) {}

  template <class T>
  void put(const T* values, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    const auto* bytes = reinterpret_cast<const char*>(values);
    for (std::size_t left = count * sizeof(T); left > 0;) {
      const ssize_t written = ::write(descriptor_, bytes, left);
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written <= 0) {
        ::_exit(1);
      }
      bytes += written;
      left -= static_cast<std::size_t>(written);
    }
  }
  template <class Container>
  void put_all(const Container& values) {
    const std::uint64_t count = values.size();
    put(&count, 1);
    put(values.data(), values.size());
  }

 private:
  int descriptor_;
};

class PipeReader {
 public:
  explicit PipeReader(int descriptor) : descriptor_(descriptor) {}

  template <class T>
  bool get(T* values, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    auto* bytes = reinterpret_cast<char*>(values);
    for (std::size_t left = count * sizeof(T); left > 0;) {
      const ssize_t got = ::read(descriptor_, bytes, left);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got <= 0) {
        return false;
      }
      bytes += got;
      left -= static_cast<std::size_t>(got);
    }
    return true;
  }
  template <class Container>
  bool get_all(Container& values) {
    std::uint64_t count = 0;
    if (!get(&count, 1)) {
      return false;
    }
    values.resize(count);
    return get(values.data(), count);
  }

 private:
  int descriptor_;
};

/// What an observer was told, flattened for the pipe.
struct Recording : CycleObserver {
  struct Broadcast {
    std::uint64_t cycle;
    std::uint32_t column;
    std::int32_t value;
  };
  std::vector<Broadcast> broadcasts;
  std::vector<std::uint64_t> cycles;
  std::vector<std::uint32_t> entries;  ///< pe_count per cycle

  void broadcast(std::uint64_t cycle, std::uint32_t column, std::int32_t value) override {
    broadcasts.push_back({cycle, column, value});
  }
  void occupancies(std::uint64_t cycle, const std::vector<std::uint32_t>& occupancy) override {
    cycles.push_back(cycle);
    entries.insert(entries.end(), occupancy.begin(), occupancy.end());
  }

  void replay(CycleObserver& observer, std::uint32_t pe_count) const {
    auto next = broadcasts.begin();
    for (std::size_t i = 0; i < cycles.size(); ++i) {
      const auto first = entries.begin() + static_cast<std::ptrdiff_t>(i * pe_count);
      observer.occupancies(cycles[i], {first, first + pe_count});
      for (; next != broadcasts.end() && next->cycle == cycles[i]; ++next) {
        observer.broadcast(next->cycle, next->column, next->value);
      }
    }
  }
};

enum class Outcome : std::uint8_t { result, configuration_error, input_error };

void send_error(PipeWriter& pipe, Outcome outcome, const std::string& message) {
  pipe.put(&outcome, 1);
  pipe.put_all(message);
}

class ForkedEngine : public Engine {
 public:
  ForkedEngine(std::function<std::unique_ptr<Engine>(const Parameters&)> make, const Parameters& parameters)
      : make_(std::move(make)), parameters_(parameters) {}

  std::string_view name() const override { return "forked"; }
  const Parameters& parameters() const override { return parameters_; }
  void observe(CycleObserver* observer) override { observer_ = observer; }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                bool want_outputs) override {
    int ends[2];
    if (::pipe(ends) != 0) {
      throw Error({}, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    }
    const pid_t child = ::fork();
    if (child < 0) {
      ::close(ends[0]);
      ::close(ends[1]);
      throw Error({}, fmt::format("cannot fork: {}", std::strerror(errno)));
    }
    if (child == 0) {
      ::close(ends[0]);
      run_in_child(PipeWriter(ends[1]), layer, image, activations, want_outputs);
    }
    ::close(ends[1]);
    return receive(child, ends[0]);
  }

 private:
  [[noreturn]] void run_in_child(PipeWriter pipe, const Layer& layer, const MemoryImage& image,
                                 const std::vector<std::int32_t>& activations, bool want_outputs) {
    try {
      const std::unique_ptr<Engine> engine = make_(parameters_);
      Recording recording;
      if (observer_ != nullptr) {
        engine->observe(&recording);
      }
      const RunResult result = engine->run(layer, image, activations, want_outputs);
      const Outcome outcome = Outcome::result;
      pipe.put(&outcome, 1);
      pipe.put(&result.cycles, 1);
      pipe.put(&result.control, 1);
      pipe.put_all(result.pes);
      pipe.put_all(result.outputs);
      pipe.put_all(recording.broadcasts);
      pipe.put_all(recording.cycles);
      pipe.put_all(recording.entries);
      ::_exit(0);
    } catch (const InputDataError& error) {
      send_error(pipe, Outcome::input_error, error.what());
    } catch (const std::exception& error) {
      send_error(pipe, Outcome::configuration_error, error.what());
    }
    ::_exit(0);
  }

  RunResult receive(pid_t child, int descriptor) const {
    PipeReader pipe(descriptor);
    Outcome outcome{};
    RunResult result;
    Recording recording;
    std::string message;
    bool complete = pipe.get(&outcome, 1);
    if (complete && outcome == Outcome::result) {
      complete = pipe.get(&result.cycles, 1) && pipe.get(&result.control, 1) && pipe.get_all(result.pes) &&
                 pipe.get_all(result.outputs) && pipe.get_all(recording.broadcasts) &&
                 pipe.get_all(recording.cycles) && pipe.get_all(recording.entries);
    } else if (complete) {
      complete = pipe.get_all(message);
    }
    ::close(descriptor);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!complete) {
      throw Error({}, WIFSIGNALED(status)
                          ? fmt::format("the engine's process was ended by signal {}", WTERMSIG(status))
                          : std::string("the engine's process ended without a result"));
    }
    if (outcome == Outcome::configuration_error) {
      throw ConfigurationError({}, message);
    }
    if (outcome == Outcome::input_error) {
      throw InputDataError({}, message);
    }
    if (observer_ != nullptr) {
      recording.replay(*observer_, parameters_.pe_count);
    }
    return result;
  }

  std::function<std::unique_ptr<Engine>(const Parameters&)> make_;
  const Parameters parameters_;
  CycleObserver* observer_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> make_forked_engine(std::function<std::unique_ptr<Engine>(const Parameters&)> make,
                                           const Parameters& parameters) {
  return std::make_unique<ForkedEngine>(std::move(make), parameters);
}

}  // namespace lacuna::eie

#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/cli/program.h"

namespace lacuna::test {

/// What a running program shows of its state to who looks at it from outside: true once it is so far. Tests
/// wait for such signs and not for some time, which a slow or loaded machine would need twice.
using Sign = std::function<bool(pid_t)>;

namespace signs {

/// The value of a key in /proc/PID/status, as it stands there; empty when there is none.
inline std::string status_of(pid_t process, const std::string& key) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key + ":", 0) == 0) {
      return line.substr(key.size() + 1);
    }
  }
  return {};
}

/// The program itself has been started and has a handler for SIGINT. (Before, the process is a copy of this
/// test, whose handlers it has, and then a shell.)
inline bool watches_for_interrupts(pid_t process) {
  constexpr unsigned long long bit = 1ULL << (SIGINT - 1);
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/exe", error);
  if (error || program != std::filesystem::canonical(LACUNA_PROGRAM)) {
    return false;
  }
  const std::string caught = status_of(process, "SigCgt");
  return !caught.empty() && (std::stoull(caught, nullptr, 16) & bit) != 0;
}

/// The program has started threads.
inline bool has_threads(pid_t process) {
  const std::string threads = status_of(process, "Threads");
  return !threads.empty() && std::stoul(threads) > 1;
}

/// The program has started threads or processes for its work.
inline bool has_workers(pid_t process) {
  if (has_threads(process)) {
    return true;
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) {
      const std::string parent = status_of(std::stoi(name), "PPid");
      if (!parent.empty() && std::stoi(parent) == process) {
        return true;
      }
    }
  }
  return false;
}

/// The program has filled this much memory.
inline Sign holds_mebibytes(unsigned long mebibytes) {
  return [mebibytes](pid_t process) {
    const std::string resident_kib = status_of(process, "VmRSS");
    return !resident_kib.empty() && std::stoul(resident_kib) / 1024 >= mebibytes;
  };
}

/// A file whose path begins like this is there, and the program works on it.
inline Sign has_begun_file(const std::string& path) {
  return [path](pid_t) {
    const std::filesystem::path begin(path);
    std::error_code error;  // its folder may not be there yet
    for (const auto& entry : std::filesystem::directory_iterator(begin.parent_path(), error)) {
      if (entry.path().filename().string().rfind(begin.filename().string(), 0) == 0) {
        return true;
      }
    }
    return false;
  };
}

/// The file is not as it was when this sign was made, or it is new.
inline Sign has_changed_file(const std::string& path) {
  const auto state = [path] {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(path, error);
    return error ? std::filesystem::file_time_type::min() : time;
  };
  return [state, before = state()](pid_t) { return state() != before; };
}

inline Sign all_of(const Sign& one, const Sign& other) {
  return [one, other](pid_t process) { return one(process) && other(process); };
}

}  // namespace signs

/// When a program is interrupted, and whether its whole process group is, as from a keyboard.
struct Interruption {
  Sign once{};  ///< a sign besides that it watches for interrupts; empty: none
  int signal = SIGINT;
  bool whole_group = false;
  std::chrono::microseconds after{};  ///< the sign
};

struct InterruptedEnd : ProgramEnd {
  bool in_time = false;  ///< the program showed the sign before it ended
};

/// Runs the real program with arguments as a shell takes them, and interrupts it once it shows the sign.
inline InterruptedEnd interrupted_lacuna(const std::string& arguments, const Interruption& interruption) {
  const TemporaryFolder folder;
  const std::string command = "exec " + shell_word(LACUNA_PROGRAM) + " " + arguments + " >" +
                              shell_word(folder.file("out")) + " 2>" + shell_word(folder.file("err")) +
                              " </dev/null";
  const pid_t process = fork();
  if (process == 0) {
    setpgid(0, 0);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  const auto shows_sign = [&] {
    return signs::watches_for_interrupts(process) && (!interruption.once || interruption.once(process));
  };
  int status = 0;
  bool ended = false;
  InterruptedEnd end;
  while (!ended && !end.in_time) {
    end.in_time = shows_sign();
    if (!end.in_time) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ended = waitpid(process, &status, WNOHANG) == process;
    }
  }
  if (!ended) {
    std::this_thread::sleep_for(interruption.after);
    kill(interruption.whole_group ? -process : process, interruption.signal);
    waitpid(process, &status, 0);
  }
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  end.out = read_whole(folder.file("out"));
  end.err = read_whole(folder.file("err"));
  return end;
}

}  // namespace lacuna::test

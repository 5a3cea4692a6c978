#include "models/eie/rtl/machine_build.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/checksum.h"
#include "models/common/error.h"

namespace lacuna::eie {
namespace {

namespace fs = std::filesystem;

constexpr const char* place = "engine rtl";

/// What happens to the files of a started command.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t start(const std::vector<std::string>& arguments, FileActions& actions) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, pointers[0], actions.get(), nullptr, pointers.data(), environ);
  if (failure != 0) {
    throw ConfigurationError(
        {{}, 0, place}, fmt::format("cannot run '{}': {}", arguments[0], std::strerror(failure)),
        "this engine compiles its machine on first use and needs Verilator and a C++ compiler");
  }
  return child;
}

/// Waits for the end; true if the command succeeded.
bool succeeds(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Runs `arguments[0]` (looked up as a shell would) with all its output going to the file `log`. Throws
/// ConfigurationError if it cannot be started or fails; the message names the log.
void run_command(const std::vector<std::string>& arguments, const std::string& log) {
  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0644);
  posix_spawn_file_actions_adddup2(actions.get(), STDOUT_FILENO, STDERR_FILENO);
  if (!succeeds(start(arguments, actions))) {
    throw ConfigurationError({{}, 0, place}, fmt::format("'{}' failed", arguments[0]),
                             fmt::format("its output is in {}", log));
  }
}

/// Runs a command and returns what it writes to standard output. Throws ConfigurationError if it cannot be
/// started or fails.
std::string command_output(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw ConfigurationError({{}, 0, place}, fmt::format("cannot run '{}': no pipe", arguments[0]));
  }
  FileActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), ends[1], STDOUT_FILENO);
  pid_t child = 0;
  try {
    child = start(arguments, actions);
  } catch (...) {
    close(ends[0]);
    close(ends[1]);
    throw;
  }
  close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = read(ends[0], buffer.data(), buffer.size());
    if (size > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      break;
    }
  }
  close(ends[0]);
  if (!succeeds(child)) {
    throw ConfigurationError({{}, 0, place}, fmt::format("'{}' failed", arguments[0]));
  }
  return text;
}

/// An exclusive lock on a file, freed at the latest when the process ends.
class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) {
      throw ConfigurationError({path.string(), 0, {}}, "cannot write the cache of compiled machines");
    }
    while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() { close(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

fs::path cached_folder(const fs::path& cache, const std::string& key,
                       const std::function<void(const fs::path&)>& build) {
  fs::path entry = cache / key;
  if (fs::exists(entry)) {
    return entry;
  }
  std::error_code error;
  fs::create_directories(cache, error);
  const FileLock lock(cache / (key + ".lock"));
  if (fs::exists(entry)) {
    return entry;
  }
  const fs::path unfinished = cache / ("unfinished-" + key);
  const fs::path failed = cache / ("failed-" + key);
  fs::remove_all(unfinished);
  fs::remove_all(failed);
  fs::create_directories(unfinished);
  try {
    build(unfinished);
  } catch (...) {
    fs::rename(unfinished, failed, error);
    throw;
  }
  fs::rename(unfinished, entry);
  return entry;
}

namespace {

using Arguments = std::vector<std::string>;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    throw ConfigurationError({path.string(), 0, {}}, "cannot read this source of the machine");
  }
  return text.str();
}

/// The SystemVerilog files, in order of name.
std::vector<fs::path> modules(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".sv") {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    throw ConfigurationError({folder.string(), 0, {}}, "this folder has no SystemVerilog of the machine");
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// The tools that make a machine, with the versions that belong to the key of the cache.
struct Tools {
  std::string verilator_version;
  std::string compiler_version;
  fs::path include;  ///< Verilator's run-time sources
};

Tools find_tools(const RtlBuild& build) {
  Tools tools;
  tools.verilator_version = first_line(command_output({build.verilator, "--version"}));
  tools.compiler_version = first_line(command_output({build.compiler, "--version"}));
  tools.include =
      fs::path(first_line(command_output({build.verilator, "--getenv", "VERILATOR_ROOT"}))) / "include";
  return tools;
}

Arguments compile_command(const RtlBuild& build, const Tools& tools) {
  return {build.compiler,
          "-std=c++17",
          "-O2",
          "-fPIC",
          "-fvisibility=hidden",
          "-fno-gnu-unique",
          "-I",
          tools.include.string(),
          "-isystem",
          (tools.include / "vltstd").string()};
}

void append(Arguments& to, const Arguments& more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// Object files of Verilator's run-time library, compiled once for all machines.
Arguments runtime_objects(const RtlBuild& build, const Tools& tools) {
  const std::string key =
      "runtime-" + sha256_text(tools.verilator_version + "\n" + tools.compiler_version + "\n" +
                               fmt::format("{}", fmt::join(compile_command(build, tools), " ")));
  const std::vector<std::string> names = {"verilated", "verilated_threads"};
  const fs::path folder = cached_folder(build.cache_folder, key, [&](const fs::path& unfinished) {
    for (const std::string& name : names) {
      Arguments command = compile_command(build, tools);
      append(command,
             {"-c", (tools.include / (name + ".cpp")).string(), "-o", (unfinished / (name + ".o")).string()});
      run_command(command, (unfinished / (name + ".log")).string());
    }
  });
  Arguments objects;
  for (const std::string& name : names) {
    objects.push_back((folder / (name + ".o")).string());
  }
  return objects;
}

/// One file that includes all generated ones: they share large headers.
void write_unity_file(const fs::path& generated, const fs::path& file) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(generated)) {
    if (entry.path().extension() == ".cpp") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  std::ofstream text(file);
  for (const std::string& name : names) {
    text << "#include \"" << name << "\"\n";
  }
}

void make_machine(const RtlBuild& build, const Tools& tools, const Arguments& verilate,
                  const fs::path& folder) {
  const fs::path generated = folder / "generated";
  Arguments verilator = {build.verilator};
  append(verilator, verilate);
  append(verilator, {"--Mdir", generated.string()});
  for (const fs::path& module : modules(build.source_folder)) {
    verilator.push_back(module.string());
  }
  run_command(verilator, (folder / "verilator.log").string());
  write_unity_file(generated, folder / "machine.cpp");

  const Arguments objects = runtime_objects(build, tools);
  Arguments compiler = compile_command(build, tools);
  append(compiler, {"-I", generated.string(), "-I", build.source_folder, "-shared", "-o",
                    (folder / "machine.so").string(), (folder / "machine.cpp").string(),
                    (fs::path(build.source_folder) / "harness.cpp").string()});
  append(compiler, objects);
  append(compiler, {"-lpthread"});
  run_command(compiler, (folder / "compiler.log").string());
  fs::remove_all(generated);
}

}  // namespace

std::string build_machine(const Parameters& parameters, const MemoryDepths& depths, const RtlBuild& build) {
  Arguments verilate = {"--cc",       "--top-module", "eie_top",     "--prefix", "Veie_top",       "-O3",
                        "--x-assign", "fast",         "--x-initial", "fast",     "--unroll-count", "2000",
                        "-Wno-lint",  "-Wno-fatal"};
  for (const auto& [name, value] : top_parameters(parameters, depths)) {
    verilate.push_back(fmt::format("-G{}={}", name, value));
  }
  const Tools tools = find_tools(build);
  std::string content = fmt::format("{}\n{}\n{}\n{}\n", tools.verilator_version, tools.compiler_version,
                                    fmt::join(verilate, " "), fmt::join(compile_command(build, tools), " "));
  std::vector<fs::path> sources = modules(build.source_folder);
  sources.push_back(fs::path(build.source_folder) / "harness.cpp");
  sources.push_back(fs::path(build.source_folder) / "machine_interface.h");
  for (const fs::path& source : sources) {
    const std::string text = file_text(source);
    content += fmt::format("{} {}\n{}", source.filename().string(), text.size(), text);
  }
  const fs::path folder =
      cached_folder(build.cache_folder, sha256_text(content),
                    [&](const fs::path& unfinished) { make_machine(build, tools, verilate, unfinished); });
  return (folder / "machine.so").string();
}

}  // namespace lacuna::eie

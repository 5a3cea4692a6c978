#include "models/common/verilator/verilated_library.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/common/notice.h"
#include "models/common/verilator/build_cache.h"
#include "models/common/verilator/tool_command.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;

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

/// The SystemVerilog files of a folder, in order of name.
std::vector<fs::path> modules(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".sv") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> library_modules(const RtlBuild& build) {
  std::vector<fs::path> files = modules(build.source_folder);
  if (files.empty()) {
    throw ConfigurationError({build.source_folder, 0, {}}, "this folder has no SystemVerilog of the machine");
  }
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

Arguments compile_command(const RtlBuild& build, const Tools& tools, const std::string& optimisation) {
  return {build.compiler,
          "-std=c++17",
          optimisation,
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
  const Arguments compile = compile_command(build, tools, "-O2");
  const std::string key = "runtime-" + sha256_text(tools.verilator_version + "\n" + tools.compiler_version +
                                                   "\n" + fmt::format("{}", fmt::join(compile, " ")));
  const std::vector<std::string> names = {"verilated", "verilated_threads"};
  const fs::path folder = cached_folder(build.cache_folder, key, [&](const fs::path& unfinished) {
    tell("engine rtl: compiling Verilator's run-time library, once for all machines");
    for (const std::string& name : names) {
      Arguments command = compile;
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

/// Files that include all generated ones of their sort and the harness: they share large headers. What runs
/// once, before the first cycle, is not worth an optimising compiler; where there is much of it, it is a file
/// of its own.
class Unities {
 public:
  void include_all(const fs::path& generated) {
    std::vector<fs::path> sources;
    for (const fs::directory_entry& entry : fs::directory_iterator(generated)) {
      if (entry.path().extension() == ".cpp") {
        sources.push_back(entry.path());
      }
    }
    std::sort(sources.begin(), sources.end());
    for (const fs::path& source : sources) {
      const std::string name = source.string();
      const bool runs_once =
          name.find("__Slow.cpp") != std::string::npos || name.find("__Syms.cpp") != std::string::npos;
      (runs_once ? once_ : every_cycle_) += "#include \"" + name + "\"\n";
      once_bytes_ += runs_once ? fs::file_size(source) : 0;
    }
  }

  void include(const fs::path& harness) { every_cycle_ += "#include \"" + harness.string() + "\"\n"; }

  /// Writes `machine`, and returns whether there is so much that runs once that it wrote `once`, too.
  bool write(const fs::path& machine, const fs::path& once) const {
    constexpr std::uintmax_t as_much_as_the_headers = 200000;
    const bool apart = once_bytes_ > as_much_as_the_headers;
    std::ofstream(machine) << (apart ? "" : once_) << every_cycle_;
    if (apart) {
      std::ofstream(once) << once_;
    }
    return apart;
  }

 private:
  std::string every_cycle_;
  std::string once_;
  std::uintmax_t once_bytes_ = 0;
};

void make_library(const VerilatedLibrary& library, const RtlBuild& build, const Tools& tools,
                  const fs::path& folder, const fs::path& final_folder) {
  if (library.write_files) {
    library.write_files(folder, final_folder);
  }
  tell(fmt::format("engine rtl: this machine is new; Verilator translates it (it is kept in {})",
                   final_folder.string()));
  Arguments includes = {"-I", folder.string()};
  std::vector<fs::path> generated;
  for (std::size_t i = 0; i < library.machines.size(); ++i) {
    generated.push_back(folder / fmt::format("generated-{}", i));
    const VerilatedMachine& machine = library.machines[i];
    const fs::path own = folder / (machine.top + ".sv");
    Arguments verilator = {build.verilator, "--cc", "--top-module", machine.top};
    append(verilator, machine.arguments);
    append(verilator, {"--Mdir", generated.back().string(), "-y", folder.string(), "-y", build.source_folder,
                       (fs::exists(own) ? own : fs::path(build.source_folder) / own.filename()).string()});
    const std::string log =
        library.machines.size() == 1 ? "verilator.log" : fmt::format("verilator-{}.log", i);
    run_command(verilator, (folder / log).string());
    append(includes, {"-I", generated.back().string()});
  }
  Unities unities;
  for (const fs::path& machine : generated) {
    unities.include_all(machine);
  }
  unities.include(fs::path(build.source_folder) / "harness.cpp");
  const bool once_apart = unities.write(folder / "machine.cpp", folder / "once.cpp");
  tell("engine rtl: compiling the machine");
  const std::string once = (folder / "once.o").string();
  if (once_apart) {
    Arguments compiler = compile_command(build, tools, "-O0");
    append(compiler, includes);
    append(compiler, {"-c", (folder / "once.cpp").string(), "-o", once});
    run_command(compiler, (folder / "compiler-once.log").string());
  }
  Arguments compiler = compile_command(build, tools, library.optimisation);
  append(compiler, includes);
  append(compiler, {"-I", build.source_folder, "-shared", "-o", (folder / "machine.so").string(),
                    (folder / "machine.cpp").string()});
  if (once_apart) {
    compiler.push_back(once);
  }
  append(compiler, runtime_objects(build, tools));
  append(compiler, {"-lpthread"});
  run_command(compiler, (folder / "compiler.log").string());
  fs::remove(once);
  for (const fs::path& done : generated) {
    fs::remove_all(done);
  }
}

}  // namespace

std::string build_verilated(const VerilatedLibrary& library, const RtlBuild& build) {
  const Tools tools = find_tools(build);
  std::string content = fmt::format("{}\n{}\n{}\n", tools.verilator_version, tools.compiler_version,
                                    fmt::join(compile_command(build, tools, library.optimisation), " "));
  for (const VerilatedMachine& machine : library.machines) {
    content += fmt::format("{} {}\n", machine.top, fmt::join(machine.arguments, " "));
  }
  std::vector<fs::path> sources = library_modules(build);
  sources.push_back(fs::path(build.source_folder) / "harness.cpp");
  for (const std::string& header : library.harness_headers) {
    sources.push_back(fs::path(build.source_folder) / header);
  }
  for (const fs::path& source : sources) {
    const std::string text = file_text(source);
    content += fmt::format("{} {}\n{}", source.filename().string(), text.size(), text);
  }
  content += library.content;
  const std::string key = sha256_text(content);
  const fs::path folder = cached_folder(build.cache_folder, key, [&](const fs::path& unfinished) {
    make_library(library, build, tools, unfinished, fs::path(build.cache_folder) / key);
  });
  return (folder / "machine.so").string();
}

}  // namespace lacuna

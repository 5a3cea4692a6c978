#include "models/eie/rtl/machine_build.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/eie/rtl/build_cache.h"
#include "models/eie/rtl/command.h"

namespace lacuna::eie {
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

#include "sim/cli/shard_option.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::cli {
namespace {

std::optional<std::uint64_t> environment_number(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr || *text == '\0') {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const char* const end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, value);
  if (read.ec != std::errc() || read.ptr != end) {
    throw ConfigurationError({{}, 0, name}, fmt::format("'{:.40}' is no number", text), "--shard i/n");
  }
  return value;
}

/// The task of a Slurm job array with gaps in its numbers does not say which part it is.
std::optional<Shard> slurm_shard() {
  const auto id = environment_number("SLURM_ARRAY_TASK_ID");
  const auto count = environment_number("SLURM_ARRAY_TASK_COUNT");
  if (!id || !count) {
    return std::nullopt;
  }
  const std::uint64_t first = environment_number("SLURM_ARRAY_TASK_MIN").value_or(1);
  const std::uint64_t step = environment_number("SLURM_ARRAY_TASK_STEP").value_or(1);
  if (step == 0 || *id < first || (*id - first) % step != 0 || (*id - first) / step >= *count) {
    throw ConfigurationError({{}, 0, "SLURM_ARRAY_TASK_ID"},
                             fmt::format("{} is no part of {} tasks from {} on", *id, *count, first),
                             "an array without gaps, or --shard i/n");
  }
  return parse_shard(fmt::format("{}/{}", (*id - first) / step + 1, *count));
}

}  // namespace

void add_shard_option(CLI::App& command, std::string& stated) {
  command
      .add_option("--shard", stated,
                  "run part i of n alone, for lacuna merge; /n takes i from JOB_COMPLETION_INDEX; default in "
                  "a Slurm job array: its task; 1/1: all")
      ->type_name("i/n");
}

std::optional<Shard> shard_of(const std::string& stated) {
  std::optional<Shard> shard;
  std::string source;
  if (!stated.empty() && stated.front() != '/') {
    shard = parse_shard(stated);
  } else if (!stated.empty()) {
    const auto index = environment_number("JOB_COMPLETION_INDEX");
    if (!index) {
      throw ConfigurationError({{}, 0, "--shard"}, "'/n' without an index: JOB_COMPLETION_INDEX is not set",
                               "i/n, such as 3/8");
    }
    shard = parse_shard(fmt::format("{}{}", *index + 1, stated));
    source = "JOB_COMPLETION_INDEX";
  } else {
    shard = slurm_shard();
    source = "SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT";
    if (!shard && environment_number("JOB_COMPLETION_INDEX")) {
      throw ConfigurationError({{}, 0, "--shard"},
                               "JOB_COMPLETION_INDEX is set, but Kubernetes does not say of how many",
                               "/n with the job's number of completions, or 1/1 to run all in each pod");
    }
  }
  if (shard && !source.empty()) {
    std::cerr << fmt::format("note: shard {} by {}\n", shard->text(), source) << std::flush;
  }
  return shard && !shard->is_whole() ? shard : std::nullopt;
}

}  // namespace lacuna::cli

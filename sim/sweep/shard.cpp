#include "sim/sweep/shard.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "models/common/text.h"
#include "models/common/version.h"
#include "sim/files/output_file.h"
#include "sim/report/text_formats.h"
#include "sim/sweep/dealing.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* record_schema = "lacuna.shard/1";

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? std::optional<std::uint64_t>(value) : std::nullopt;
}

}  // namespace

std::string Shard::text() const {
  return fmt::format("{}/{}", index, count);
}

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto index = whole_number(text.substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : whole_number(text.substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count || *count > max_shards) {
    throw ConfigurationError({{}, 0, "--shard"}, fmt::format("'{}' is no shard", cut(text, 60)),
                             fmt::format("i/n with 1 <= i <= n <= {}, such as 3/8", max_shards));
  }
  return {*index, *count};
}

std::vector<std::uint64_t> deal(const Sweep& sweep, std::uint64_t count) {
  const std::vector<std::size_t> order = order_by_cost(sweep, sweep.points, EqualCost::scattered);
  std::vector<std::uint64_t> shards(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    shards[order[i]] = i % count + 1;
  }
  return shards;
}

std::vector<std::uint64_t> points_of_shard(const Sweep& sweep, const Shard& shard) {
  const std::vector<std::uint64_t> shards = deal(sweep, shard.count);
  std::vector<std::uint64_t> points;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (shards[i] == shard.index) {
      points.push_back(sweep.points[i]);
    }
  }
  return points;
}

namespace {

std::optional<std::string> optional_text(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional<std::string>(json.get<std::string>());
}

Json optional_json(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

ShardRecord parse_record(const Json& json) {
  ShardRecord record;
  record.shard = parse_shard(json.at("shard").get<std::string>());
  record.sweep_file = json.at("sweep").get<std::string>();
  record.overrides.assignments = json.at("set").get<std::vector<std::string>>();
  record.overrides.engine = optional_text(json.at("engine"));
  record.overrides.energy = optional_text(json.at("energy"));
  record.version = json.at("version").get<std::string>();
  record.commit = json.at("commit").get<std::string>();
  return record;
}

}  // namespace

std::optional<ShardRecord> read_shard_record(const std::string& folder) {
  const std::string path = folder + "/" + shard_record_file;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
      throw InputDataError({path, 0, {}}, "cannot be read", "a readable file");
    }
    return std::nullopt;
  }
  std::ostringstream text;
  text << stream.rdbuf();
  try {
    const Json json = Json::parse(text.str());
    if (json.at("schema") == record_schema) {
      return parse_record(json);
    }
  } catch (const Json::exception&) {  // below
  } catch (const ConfigurationError&) {
  }
  throw InputDataError({path, 0, {}}, "is not the record of a shard",
                       fmt::format("{} as lacuna sweep --shard writes it", record_schema));
}

void write_shard_record(const std::string& folder, const ShardRecord& record) {
  const Json json = {{"schema", record_schema},
                     {"shard", record.shard.text()},
                     {"sweep", record.sweep_file},
                     {"set", record.overrides.assignments},
                     {"engine", optional_json(record.overrides.engine)},
                     {"energy", optional_json(record.overrides.energy)},
                     {"version", record.version},
                     {"commit", record.commit}};
  write_output(folder + "/" + shard_record_file, pretty_json(json));
}

ShardRecord make_shard_record(const Shard& shard, const std::string& sweep_file,
                              const SweepOverrides& overrides) {
  const auto absolute = [](const std::string& path) { return std::filesystem::absolute(path).string(); };
  ShardRecord record{shard, absolute(sweep_file), overrides, program_version(), program_commit()};
  if (record.overrides.energy) {
    record.overrides.energy = absolute(*record.overrides.energy);
  }
  return record;
}

}  // namespace lacuna

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

std::vector<std::uint64_t> deal(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                std::uint64_t count, const SweepSurroundings& surroundings) {
  const std::vector<CostedPoint> order = order_by_cost(sweep, points, surroundings);
  ShardDealer dealer(count);
  std::vector<std::uint64_t> shards(order.size());
  for (const CostedPoint& each : order) {
    shards[each.position] = dealer.next(each.cost);
  }
  return shards;
}

std::vector<std::uint64_t> points_of_shard(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                           const Shard& shard, const SweepSurroundings& surroundings) {
  const std::vector<std::uint64_t> shards = deal(sweep, points, shard.count, surroundings);
  std::vector<std::uint64_t> own;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (shards[i] == shard.index) {
      own.push_back(points[i]);
    }
  }
  return own;
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
  record.of = json.contains("search") ? ShardRecord::Of::search : ShardRecord::Of::sweep;
  record.overrides.assignments = json.at("set").get<std::vector<std::string>>();
  if (record.of == ShardRecord::Of::search) {
    record.file = json.at("search").get<std::string>();
    record.libraries = json.at("libraries").get<std::string>();
  } else {
    record.file = json.at("sweep").get<std::string>();
    record.overrides.engine = optional_text(json.at("engine"));
    record.overrides.energy = optional_text(json.at("energy"));
  }
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
                       fmt::format("{} as --shard writes it", record_schema));
}

namespace {

void write_shard_record(const std::string& folder, const ShardRecord& record) {
  Json json = {{"schema", record_schema}, {"shard", record.shard.text()}};
  if (record.of == ShardRecord::Of::search) {
    json["search"] = record.file;
    json["set"] = record.overrides.assignments;
    json["libraries"] = record.libraries;
  } else {
    json["sweep"] = record.file;
    json["set"] = record.overrides.assignments;
    json["engine"] = optional_json(record.overrides.engine);
    json["energy"] = optional_json(record.overrides.energy);
  }
  json["version"] = record.version;
  json["commit"] = record.commit;
  write_output(folder + "/" + shard_record_file, pretty_json(json));
}

}  // namespace

void claim_folder(const std::string& folder, const ShardRecord& record) {
  const std::optional<ShardRecord> before = read_shard_record(folder);
  if (before && !(before->shard == record.shard)) {
    throw ConfigurationError({folder, 0, "--out"},
                             fmt::format("holds shard {}, not {}", before->shard.text(), record.shard.text()),
                             "a folder of its own for each shard");
  }
  write_shard_record(folder, record);
}

ShardRecord make_shard_record(const Shard& shard, ShardRecord::Of of, const std::string& file,
                              const SweepOverrides& overrides) {
  const auto absolute = [](const std::string& path) { return std::filesystem::absolute(path).string(); };
  ShardRecord record{shard, of, absolute(file), overrides, {}, program_version(), program_commit()};
  if (record.overrides.energy) {
    record.overrides.energy = absolute(*record.overrides.energy);
  }
  return record;
}

namespace {

bool same_options(const SweepOverrides& a, const SweepOverrides& b) {
  return a.assignments == b.assignments && a.engine == b.engine && a.energy == b.energy;
}

void check_program(const std::string& folder, const ShardRecord& record) {
  if (record.version != program_version() || record.commit != program_commit()) {
    throw ConfigurationError(
        {folder, 0, {}}, fmt::format("was made by lacuna {} (commit {})", record.version, record.commit),
        fmt::format("shards of this program, {} (commit {})", program_version(), program_commit()));
  }
}

void check_alike(const ShardRecord& first, const std::string& first_folder, const ShardRecord& record,
                 const std::string& folder) {
  if (record.of != first.of) {
    throw ConfigurationError(
        {folder, 0, {}},
        fmt::format("one of this folder and {} is of a search, the other of a sweep", first_folder),
        "shards of one search or of one sweep");
  }
  if (!same_options(first.overrides, record.overrides)) {
    throw ConfigurationError(
        {folder, 0, {}}, fmt::format("was made with other --set, --engine or --energy than {}", first_folder),
        "shards of one sweep with the same options");
  }
  if (record.libraries != first.libraries) {
    throw ConfigurationError(
        {folder, 0, {}},
        fmt::format("was computed with {}, {} with {}", record.libraries, first_folder, first.libraries),
        "shards of machines that compute alike");
  }
}

}  // namespace

CommonRecord common_record(const std::vector<std::string>& folders, const std::string& file) {
  std::optional<CommonRecord> common;
  std::string first_folder;
  for (const std::string& folder : folders) {
    const std::optional<ShardRecord> record = read_shard_record(folder);
    if (!record) {
      continue;
    }
    check_program(folder, *record);
    if (!common) {
      common = {*record, true};
      first_folder = folder;
      continue;
    }
    check_alike(common->record, first_folder, *record, folder);
    common->dealt_alike = common->dealt_alike && record->shard.count == common->record.shard.count;
  }
  if (!common && file.empty()) {
    throw ConfigurationError({folders.front(), 0, {}}, fmt::format("holds no '{}'", shard_record_file),
                             "at least one folder of a shard, or --sweep FILE");
  }
  if (!common) {
    common.emplace();
  }
  if (!file.empty()) {
    common->record.file = file;
  }
  return *common;
}

}  // namespace lacuna

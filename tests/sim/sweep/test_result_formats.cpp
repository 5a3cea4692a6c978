#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/program.h"
#include "tests/sim/sweep/small_sweep.h"

using namespace lacuna::test;
using Json = nlohmann::ordered_json;

namespace {

const std::string objectives =
    "constraints: [useful_work_ratio > 0.5]\n"
    "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n";

ProgramEnd sweep_to(const std::string& sweep, const std::string& out, const std::string& rest) {
  return run_lacuna("sweep " + shell_word(sweep) + " --quiet -j 1 --out " + shell_word(out) + " " + rest);
}

/// The rows of a query as Python's SQLite gives them to Python's JSON.
Json rows_of(const std::string& file, const std::string& query) {
  const ProgramEnd end = run_command(
      "python3 -c 'import json, sqlite3, sys\n"
      "c = sqlite3.connect(sys.argv[1]).execute(sys.argv[2])\n"
      "names = [d[0] for d in c.description]\n"
      "print(json.dumps([dict(zip(names, row)) for row in c]))' " +
      shell_word(file) + " " + shell_word(query));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  return Json::parse(end.out);
}

}  // namespace

TEST_CASE("results are the same points in every form") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  const std::string out = folder.file("out");
  REQUIRE(sweep_to(sweep, out, "--results jsonl,sqlite,json,csv").exit_code == 0);
  const Json document = Json::parse(read_whole(out + "/results.json"));
  REQUIRE(document["points"].size() == 48);

  std::istringstream lines(read_whole(out + "/results.jsonl"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    REQUIRE(count < 48);
    CHECK(Json::parse(line) == document["points"][count]);
    CHECK(Json::parse(line).dump() == line);
  }
  CHECK(count == 48);

  const Json rows = rows_of(out + "/results.sqlite", "SELECT * FROM results ORDER BY point");
  REQUIRE(rows.size() == 48);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Json& point = document["points"][i];
    CHECK(rows[i]["point"] == point["point"]);
    CHECK(rows[i]["status"] == point["status"]);
    for (const auto& [key, value] : point["axes"].items()) {
      CHECK(rows[i][key] == (value.is_boolean() ? Json(value.get<bool>() ? 1 : 0) : value));
    }
    for (const auto& [name, value] : point["totals"].items()) {
      INFO(name);
      CHECK(rows[i][name] == value);
    }
  }
  Json head =
      Json::parse(rows_of(out + "/results.sqlite", "SELECT head FROM sweep")[0]["head"].get<std::string>());
  Json expected = document;
  expected.erase("points");
  CHECK(head == expected);

  std::istringstream front(read_whole(out + "/pareto.csv"));
  std::string expected_front;
  std::getline(front, expected_front);
  Json points = Json::array();
  for (std::string line; std::getline(front, line);) {
    points.push_back({{"point", std::stoull(line)}});
  }
  CHECK_FALSE(points.empty());
  CHECK(rows_of(out + "/results.sqlite", "SELECT point FROM pareto ORDER BY point") == points);
}

TEST_CASE("a folder holds the results that were asked for last, merged ones too") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  const std::string out = folder.file("out");
  const auto has = [&](const std::string& name) { return !read_whole(out + "/" + name).empty(); };
  REQUIRE(sweep_to(sweep, out, "").exit_code == 0);
  CHECK((has("results.csv") && has("results.json") && !has("results.jsonl") && !has("results.sqlite")));
  const std::string csv = read_whole(out + "/results.csv");
  REQUIRE(sweep_to(sweep, out, "--results sqlite").exit_code == 0);
  CHECK((!has("results.csv") && !has("results.json") && has("results.sqlite") && has("pareto.csv")));
  const std::string table = read_whole(out + "/results.sqlite");
  for (const std::string part : {"1", "2"}) {
    REQUIRE(sweep_to(sweep, folder.file("part" + part), "--shard " + part + "/2").exit_code == 0);
  }
  const std::string merged = folder.file("merged");
  REQUIRE(run_lacuna("merge " + shell_word(folder.file("part1")) + " " + shell_word(folder.file("part2")) +
                     " --quiet --results csv,sqlite --out " + shell_word(merged))
              .exit_code == 0);
  CHECK(read_whole(merged + "/results.csv") == csv);
  CHECK(read_whole(merged + "/results.sqlite") == table);
}

TEST_CASE("forms of results that are none are refused") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder);
  for (const std::string wrong : {"parquet", "csv;json", "csv,,json", ",", "CSV"}) {
    const ProgramEnd end = sweep_to(sweep, folder.file("out"), "--results " + shell_word(wrong));
    INFO(end.err);
    CHECK(end.exit_code == 2);
    CHECK(end.err.find("error: --results: '") == 0);
  }
}

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/files/output_file.h"
#include "sim/report/result_csv.h"
#include "sim/report/text_formats.h"
#include "sim/report/text_table.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using Json = nlohmann::ordered_json;

TEST_CASE("a table aligns its columns and cuts long names") {
  TextTable table({"name", "n"});
  table.add_row({"a", "10"});
  table.add_rule();
  table.add_row({std::string(40, 'x'), "7"});
  CHECK(table.str() == "name                         n\n" + std::string(30, '-') +
                           "\na                           10\n" + std::string(30, '-') + "\n" +
                           std::string(26, 'x') + "   7\n");
}

TEST_CASE("a table aligns names of any script by the columns that they take") {
  TextTable table({"name", "größe"});
  table.add_row({"große Schicht äöü", "10"});
  table.add_row({"畳み込み", "7"});
  table.add_row({"plain", "全部"});
  CHECK(table.str() == "name               größe\n" + std::string(24, '-') +
                           "\ngroße Schicht äöü     10\n"
                           "畳み込み               7\n"
                           "plain               全部\n");
  TextTable cut({"name", "n"});
  cut.add_row({"x畳畳畳畳畳畳畳畳畳畳畳畳畳畳畳", "7"});  // 31 columns: 25 fit, the next letter takes two
  CHECK(cut.str() ==
        "name" + std::string(24, ' ') + "n\n" + std::string(29, '-') + "\nx畳畳畳畳畳畳畳畳畳畳畳畳   7\n");
}

TEST_CASE("texts are measured and cut by whole letters, and odd bytes count as one column each") {
  CHECK(display_width("") == 0);
  CHECK(display_width("äb") == 2);
  CHECK(display_width("畳b") == 3);
  CHECK(cut_to_width("äöü", 2) == "äö");
  CHECK(cut_to_width("a畳b", 2) == "a");
  CHECK(cut_to_width("a畳b", 3) == "a畳");
  CHECK(cut_to_width("ab", 9) == "ab");
  CHECK(display_width("\xff\xe7") == 2);
  CHECK(cut_to_width("\xff\xe7", 1) == "\xff");
}

TEST_CASE("JSON keeps plain arrays on a line and survives foreign bytes") {
  const Json value = {{"a", {1, 2}}, {"b", {{"c", nullptr}}}, {"d", Json::array()}, {"e", {{{"f", 1}}}}};
  CHECK(pretty_json(value) ==
        "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": null\n  },\n  \"d\": [],\n  \"e\": [\n    {\n      "
        "\"f\": 1\n    }\n  "
        "]\n}\n");
  CHECK(Json::parse(pretty_json(value)) == value);
  CHECK(pretty_json(Json("\xff")) == "\"\xef\xbf\xbd\"\n");
}

TEST_CASE("CSV has one line per layer, nested keys and quotes") {
  const Json result = {{"layers",
                        {{{"name", "a,\"b\""}, {"sum", nullptr}, {"pe", {{"busy", {1, 2}}}}},
                         {{"name", "c"}, {"sum", {{"x", 1}, {"y", 2.5}}}, {"pe", nullptr}}}}};
  CHECK(result_csv(result) == "name,sum.x,sum.y\n\"a,\"\"b\"\"\",,\nc,1,2.5\n");
}

TEST_CASE("CSV has the fields of every layer") {
  const Json result = {{"layers",
                        {{{"name", "a"}, {"only_a", 1}, {"end", 2}},
                         {{"name", "b"}, {"first_b", 3}, {"second_b", 4}, {"end", 5}},
                         {{"name", "c"}, {"end", 6}, {"unknown", nullptr}}}}};
  CHECK(result_csv(result) ==
        "name,only_a,first_b,second_b,end,unknown\n"
        "a,1,,,2,\n"
        "b,,3,4,5,\n"
        "c,,,,6,\n");
}

TEST_CASE("outputs appear whole, and replace nothing unasked") {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("out.json");
  CHECK_NOTHROW(check_output("--json", path, IfExists::refuse));
  write_output(path, "one");
  CHECK(test::read_whole(path) == "one");
  CHECK(folder.file_count() == 1);
  CHECK_THROWS_WITH(check_output("--json", path, IfExists::refuse), Catch::Contains("exists already"));
  CHECK_NOTHROW(check_output("--json", path, IfExists::replace));
  write_output(path, "two");
  CHECK(test::read_whole(path) == "two");
  CHECK_THROWS_AS(check_output("--json", folder.file(""), IfExists::replace), ConfigurationError);
  CHECK_THROWS_AS(check_output("--json", folder.file("none/out.json"), IfExists::refuse), ConfigurationError);
  CHECK_NOTHROW(check_output("--json", "", IfExists::refuse));
  CHECK_THROWS_AS(write_output(folder.file("none/out.json"), "x"), InputDataError);
  CHECK(folder.file_count() == 1);
}

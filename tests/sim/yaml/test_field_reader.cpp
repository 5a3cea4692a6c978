#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_schema.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/yaml_document.h"

using namespace lacuna;

namespace {

enum class Colour { red, green };

struct Inner {
  double weight = 0.5;
  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("weight", c.weight, 0.0, 1.0, "a weight");
  }
};

struct Sample {
  std::uint32_t count = 3;
  std::optional<std::uint32_t> maybe;
  bool flag = false;
  Colour colour = Colour::red;
  std::string name;
  std::string label;
  FilePath file;
  std::optional<Inner> inner;
  std::vector<Inner> list;
  std::vector<std::uint16_t> numbers;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("count", c.count, 1, 10, "a count");
    v.integer("maybe", c.maybe, 0, 5, "perhaps");
    v.boolean("flag", c.flag, "a flag");
    v.choice("colour", c.colour, {"red", "green"}, "a colour");
    v.name("name", c.name, {"alpha", "beta"}, "a name");
    v.text("label", c.label, "a label");
    v.file("file", c.file, "a file");
    v.section("inner", c.inner, "inner part");
    v.list("list", c.list, "several");
    v.integers("numbers", c.numbers, 2, 9, "some numbers");
    v.only_with("maybe", "flag");
  }
};

Sample read(const std::string& text) {
  const YamlNode root =
      parse_yaml(text, std::make_shared<const YamlOrigin>(YamlOrigin{"f.yaml", "dir", true}));
  Sample sample;
  FieldReader::read_section(root, "", sample);
  return sample;
}

std::string message(const std::string& text) {
  try {
    read(text);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("lists of integers are read, refused with the place of the wrong one, described and written") {
  CHECK(read("numbers: [2, 9, 3]").numbers == std::vector<std::uint16_t>{2, 9, 3});
  CHECK(message("numbers: [2, 10]").find("f.yaml:1: numbers.1: ") == 0);
  CHECK(message("numbers: [2, x]").find("f.yaml:1: numbers.1: ") == 0);
  CHECK(message("numbers: []").find("f.yaml:1: numbers: is an empty list") == 0);
  CHECK(message("numbers: 2").find("f.yaml:1: numbers: ") == 0);
  CHECK(FieldWriter::of(read("numbers: [2, 9]")).at("numbers").dump() == "[2,9]");
  CHECK_FALSE(FieldWriter::of(read("count: 2")).contains("numbers"));
  CHECK(FieldSchema::of<Sample>().at("properties").at("numbers").at("items").dump() ==
        R"({"type":"integer","minimum":2,"maximum":9})");
}

TEST_CASE("fields are read by type") {
  const Sample sample = read(
      "count: 7\nmaybe: 0\nflag: true\ncolour: green\nname: beta\nlabel: 12\nfile: ../a.h5\ninner: {weight: "
      "1e-1}\n"
      "list: [{weight: 0}, {}]\n");
  CHECK(sample.count == 7);
  CHECK(sample.maybe == 0U);
  CHECK(sample.flag);
  CHECK(sample.colour == Colour::green);
  CHECK(sample.name == "beta");
  CHECK(sample.label == "12");
  CHECK(sample.file.written == "../a.h5");
  CHECK(sample.file.resolved == "a.h5");
  CHECK(sample.inner->weight == 0.1);
  CHECK(sample.list.size() == 2);
  CHECK(sample.list[0].weight == 0.0);
  CHECK(sample.list[1].weight == 0.5);
}

TEST_CASE("numbers may have a plus sign, as in YAML") {
  CHECK(read("count: +7").count == 7);
  CHECK(read("inner: {weight: +0.25}").inner->weight == 0.25);
  CHECK(read("inner: {weight: +2.5e-1}").inner->weight == 0.25);
  for (const char* text : {"+", "+-0.25", "++0.25", "-+0.25", "0.25+"}) {
    INFO(text);
    CHECK(message(std::string("inner: {weight: ") + text + "}").find("is not a number") != std::string::npos);
    CHECK(message(std::string("count: ") + text).find("is not an integer") != std::string::npos);
  }
}

TEST_CASE("absent fields keep their values") {
  const Sample sample = read("flag: false");
  CHECK(sample.count == 3);
  CHECK_FALSE(sample.maybe.has_value());
  CHECK_FALSE(sample.inner.has_value());
}

TEST_CASE("every wrong value has its message") {
  CHECK(message("cuont: 1") == "f.yaml:1: cuont: unknown key; did you mean 'count'?");
  CHECK(message("zzzzzz: 1").find("unknown key; allowed: count, maybe, flag") != std::string::npos);
  CHECK(message("flag: true\ncount: 11") ==
        "f.yaml:2: count: '11' is out of range; allowed: an integer from 1 to 10");
  CHECK(message("count: 99999999999999999999999") ==
        "f.yaml:1: count: '99999999999999999999999' is out of range; allowed: an integer from 1 to 10");
  CHECK(message("count: -1").find("out of range") != std::string::npos);
  CHECK(message("count: 1.5").find("'1.5' is not an integer") != std::string::npos);
  CHECK(message("count: \"1\"").find("text in quotes is not an integer") != std::string::npos);
  CHECK(message("count:").find("count: is empty; allowed: an integer from 1 to 10") != std::string::npos);
  CHECK(message("count: [1]").find("count: is a list") != std::string::npos);
  CHECK(message("flag: yes") == "f.yaml:1: flag: 'yes' is not a boolean; allowed: true or false");
  CHECK(message("colour: gren") == "f.yaml:1: colour: 'gren' is not a known name; did you mean 'green'?");
  CHECK(message("name: x") == "f.yaml:1: name: 'x' is not a known name; allowed: alpha, beta");
  CHECK(message("label: ''").find("label: is empty") != std::string::npos);
  CHECK(message("label: " + std::string(2000, 'x')).find("too long") != std::string::npos);
  CHECK(message("inner: {weight: .nan}").find("inner.weight: '.nan' is not a number") != std::string::npos);
  CHECK(message("inner: {weight: nan}").find("is not a number") != std::string::npos);
  CHECK(message("inner: {weight: inf}").find("out of range") != std::string::npos);
  CHECK(message("inner: {weight: 1e999}").find("out of range") != std::string::npos);
  CHECK(message("inner: {weight: 1.1}") ==
        "f.yaml:1: inner.weight: '1.1' is out of range; allowed: a number from 0 to 1");
  CHECK(message("inner: 3") == "f.yaml:1: inner: is '3'; a mapping of keys is needed here");
  CHECK(message("list: {}") == "f.yaml:1: list: is a mapping; a list is needed here");
  CHECK(message("list: []") == "f.yaml:1: list: is an empty list; at least one element");
  CHECK(message("list:\n  - {}\n  - {wieght: 1}") ==
        "f.yaml:3: list.1.wieght: unknown key; did you mean 'weight'?");
  CHECK(message("maybe: 1") == "f.yaml:1: maybe: has no meaning here; it may only stand beside 'flag'");
  CHECK(message("- 1") == "f.yaml:1: is a list; a mapping of keys is needed here");
}

TEST_CASE("the same declaration gives schema and JSON") {
  const auto schema = FieldSchema::of<Sample>();
  CHECK(schema["additionalProperties"] == false);
  CHECK(schema["properties"]["count"]["maximum"] == 10);
  CHECK(schema["properties"]["count"]["default"] == 3);
  CHECK_FALSE(schema["properties"]["maybe"].contains("default"));
  CHECK(schema["properties"]["colour"]["enum"].dump() == R"(["red","green"])");
  CHECK(schema["properties"]["colour"]["default"] == "red");
  CHECK(schema["properties"]["list"]["items"]["properties"]["weight"]["description"] == "a weight");
  CHECK(schema["dependentRequired"]["maybe"].dump() == R"(["flag"])");

  const auto json = FieldWriter::of(read("count: 4\nfile: some/where/a.h5\ncolour: green\n"));
  CHECK(json["count"] == 4);
  CHECK(json["file"] == "a.h5");
  CHECK(json["colour"] == "green");
  CHECK_FALSE(json.contains("maybe"));
  CHECK_FALSE(json.contains("inner"));
}

TEST_CASE("the nearest word is suggested") {
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(suggest("queue_depth", {"pe_count", "queue_depth_entries"}) == "did you mean 'queue_depth_entries'?");
  CHECK(suggest("xyz", {"pe_count", "rounding"}) == "allowed: pe_count, rounding");
}

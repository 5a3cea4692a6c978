#include <memory>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "sim/yaml/yaml_document.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

YamlNode parse(const std::string& text) {
  return parse_yaml(text, std::make_shared<const YamlOrigin>(YamlOrigin{"file.yaml", "folder", true}));
}

std::string message(const std::string& text) {
  try {
    parse(text);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

}  // namespace

TEST_CASE("a document keeps order, lines and quotes") {
  const YamlNode root = parse("a: 1\nb:\n  - \"x\"\n  - {c: ~}\n");
  REQUIRE(root.entries.size() == 2);
  CHECK(root.entries[0].key == "a");
  CHECK(root.find("a")->text == "1");
  CHECK_FALSE(root.find("a")->quoted);
  const YamlNode& list = *root.find("b");
  CHECK(list.items[0].quoted);
  CHECK(list.items[0].line == 3);
  CHECK(list.items[1].find("c")->kind == YamlNode::Kind::null);
  CHECK(root.find("missing") == nullptr);
}

TEST_CASE("an alias repeats its anchor") {
  const YamlNode root = parse("a: &x [1, 2]\nb: *x\n");
  CHECK(root.find("b")->items.size() == 2);
}

TEST_CASE("what is not one plain UTF-8 document is refused with its line") {
  CHECK(message("a: [1") == "file.yaml:1: not valid YAML: end of sequence flow not found");
  CHECK(message("a: 1\na: 2\n") == "file.yaml:2: duplicate key 'a'; given already in line 1");
  CHECK(message("a: 1\n---\nb: 2\n") == "file.yaml:2: a second YAML document begins; one document per file");
  CHECK(message("a: 1\nb: \xff\n") ==
        "file.yaml:2: byte 0xff is not UTF-8 text; YAML files are UTF-8 without control characters");
  CHECK(message(std::string("a: \0", 4)).find("byte 0x00") != std::string::npos);
  CHECK(message("a: !!int 1\n").find("explicit tag") != std::string::npos);
  CHECK(message("? [1]\n: 2\n") == "file.yaml:1: a key is a list; keys are plain words");
  CHECK(message("a: &x [*x]\n").find("alias within its own anchor") != std::string::npos);
}

TEST_CASE("alias bombs, deep nesting and floods of keys are refused") {
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int level = 1; level < 12; ++level) {
    const std::string below = "*a" + std::to_string(level - 1);
    bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + repeated(below + ", ", 10) +
            "1]\n";
  }
  CHECK(message(bomb).find("too many values; at most 100000, aliases expanded") != std::string::npos);
  CHECK(message(repeated("[", 500000)).find("nested too deeply; at most 24 levels") != std::string::npos);
  CHECK(message("a: " + repeated("{a: ", 200000)).find("nested too deeply") != std::string::npos);
  std::string flood;
  for (int i = 0; i < 2000; ++i) {
    flood += "k" + std::to_string(i) + ": 1\n";
  }
  CHECK(message(flood).find("too many keys in one mapping; at most 1000") != std::string::npos);
  CHECK(message(std::string((1U << 20) + 1, ' ')) ==
        "file.yaml: 1048577 bytes of YAML; at most 1048576 bytes");
}

TEST_CASE("files that cannot be read are refused") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(load_yaml(folder.file("none.yaml")), Catch::Contains("none.yaml: no such file"));
  CHECK_THROWS_WITH(load_yaml(folder.file("")), Catch::Contains("is a folder"));
  const std::string big = folder.write("big.yaml", std::string((1U << 20) + 1, ' '));
  CHECK_THROWS_WITH(load_yaml(big), Catch::Contains("the file is too large"));
  CHECK_THROWS_AS(load_yaml(big), ConfigurationError);
}

TEST_CASE("damaged YAML never does worse than a ConfigurationError") {
  const std::string good =
      "architecture: {kind: eie, pe_count: 4}\nworkload:\n  layers:\n    - &x {trace: \"a.h5\", name: 'b'}\n "
      "   - *x\n"
      "# comment\nseed: |\n  7\n";
  const std::string alphabet = "{}[]&*!|>'\"%@`#:,-? \n\tab01~\\";
  const unsigned seed = 20240501;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = good;
    for (unsigned change = 0; change < 1 + random() % 4; ++change) {
      text[random() % text.size()] = alphabet[random() % alphabet.size()];
    }
    INFO(text);
    try {
      parse(text);
    } catch (const ConfigurationError&) {
      ++refused;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("merge keys take the entries of the mappings they name") {
  // As PyYAML's safe_load has it.
  const YamlNode root = parse(
      "base: &b {x: 1, y: 2}\n"
      "other: &o {y: 3, z: 4}\n"
      "one: {<<: *b, y: 9}\n"
      "late: {y: 9, <<: *b}\n"
      "list: {<<: [*b, *o], w: 0}\n"
      "chain: &c {<<: *b, z: 5}\n"
      "again: {<<: *c}\n"
      "inline: {<<: {v: 7}}\n");
  const auto text = [&root](const char* mapping, const char* key) {
    const YamlNode* const value = root.find(mapping)->find(key);
    return value == nullptr ? std::string("(none)") : value->text;
  };
  CHECK(text("one", "x") == "1");
  CHECK(text("one", "y") == "9");
  CHECK(text("late", "y") == "9");
  CHECK(text("late", "x") == "1");
  CHECK(text("list", "x") == "1");
  CHECK(text("list", "y") == "2");  // of a list the earlier one
  CHECK(text("list", "z") == "4");
  CHECK(text("list", "w") == "0");
  CHECK(text("again", "x") == "1");
  CHECK(text("again", "z") == "5");
  CHECK(text("inline", "v") == "7");
  CHECK(root.find("one")->find("<<") == nullptr);
  CHECK(root.find("one")->find("x")->line == 1);  // of the value, for messages
}

TEST_CASE("what is no merge key") {
  CHECK(message("a: {<<: 1}\n") ==
        "file.yaml:1: a merge key << with '1'; an alias of a mapping, or a list of such");
  CHECK(message("a: {<<: [{x: 1}, 2]}\n") ==
        "file.yaml:1: a merge key << with '2'; an alias of a mapping, or a list of such");
  CHECK(message("b: &b {x: 1}\na: {<<: *b, <<: *b}\n") ==
        "file.yaml:2: duplicate key '<<'; given already in line 1");
  CHECK(parse("a: {\"<<\": 1}\n").find("a")->find("<<")->text == "1");  // in quotes an ordinary key
}

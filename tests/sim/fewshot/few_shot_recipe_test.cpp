#include "sim/fewshot/few_shot_recipe.h"

#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/fewshot/character_tasks.h"
#include "sim/fewshot/meta_parameters.h"
#include "tests/sim/fewshot/character_files.h"

namespace lacuna {
namespace {

/// Replaces the first occurrence.
std::string with(std::string text, const std::string& what, const std::string& by) {
  text.replace(text.find(what), what.size(), by);
  return text;
}

std::string message_of(const test::TemporaryFolder& folder, const std::string& recipe) {
  try {
    const FewShotConfig config = load_few_shot(load_yaml(folder.write("r.yaml", recipe)));
    const CharacterImages images(config.characters);
    const MetaLayout layout(config, images.shape());
    for (const TaskPart part : {TaskPart::training, TaskPart::validation, TaskPart::test}) {
      const TaskSampler sampler(images, config, part);
    }
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("errors of a few-shot recipe name the key and what is allowed") {
  const test::TemporaryFolder folder;
  test::write_characters(folder);
  const std::string right = test::few_shot_text();
  CHECK(message_of(folder, right) == "nothing");
  const auto says = [&](const std::string& recipe, const std::string& part) {
    const std::string message = message_of(folder, recipe);
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  };
  says(with(right, "name: B", "name: A"),
       "few_shot.characters.alphabets.1: alphabet 'A' stands here a second");
  says(with(right, "name: D, use: test", "name: D, use: training"), "does not have all three uses");
  says(with(right, "name: D", "name: E"), "classes.csv has no alphabet 'E'");
  says(with(right, "ways: 3", "ways: 7"), "6 characters of an alphabet or use are too few for 7 ways");
  says(with(right, "shots: 1", "shots: 3"), "class 12 has 6 images, and a task takes 3 shots and 4 queries");
  says(with(right, "{channels: 3}", "{channels: 3, kernel: 4}"), "few_shot.convolutions.0.kernel: is 4");
  says(right + "  meta_rate: 0.01\n  last_meta_rate: 0.1\n", "few_shot.last_meta_rate");
  says(right + "  test_tasks: 5\n  written_tasks: 6\n", "is 6 of 5 test tasks");
  says(test::few_shot_text("  supernet: true\n") + "  convolutions: [{channels: 2}]\n",
       "stands beside supernet");
  says(test::few_shot_text("  supernet: true\n") + "  moments: blended\n", "blended needs running moments");
  says(with(right, "  convolutions: [{channels: 3}, {channels: 4}]\n", ""), "layers, or supernet: true");
  says(right + "  stepz: 5\n", "stepz");
  says(with(right, "images: images", "images: none"), "none");
  says(with(right, "labels: labels", "labels: images"), "a class for each of 144 images");
}

TEST_CASE("labels beyond the classes are refused") {
  const test::TemporaryFolder folder;
  test::write_characters(folder);
  folder.write("classes.csv", "class,alphabet,character\n0,A,x\n");
  CHECK(message_of(folder, test::few_shot_text()).find("label 6 is 1") != std::string::npos);
  folder.write("classes.csv", "class,alphabet,character\n1,A,x\n");
  CHECK(message_of(folder, test::few_shot_text()).find("classes in order, from 0") != std::string::npos);
}

}  // namespace lacuna

#include "sim/fewshot/character_tasks.h"

#include <algorithm>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/sim/fewshot/character_files.h"

namespace lacuna {
namespace {

/// A picture of a batch.
std::vector<float> picture(const ImageBatch& batch, std::size_t number, std::size_t pixels) {
  const auto first = batch.values.begin() + static_cast<std::ptrdiff_t>(number * pixels);
  return {first, first + static_cast<std::ptrdiff_t>(pixels)};
}

/// One class with one image of 3 x 3 pixels.
CharactersConfig one_image(const test::TemporaryFolder& folder) {
  test::write_idx(folder.file("images"), {1, 3, 3}, {255, 0, 0, 0, 0, 51, 0, 102, 0});
  test::write_idx(folder.file("labels"), {1}, {0});
  folder.write("classes.csv", "class,alphabet\n0,A\n");
  CharactersConfig config;
  config.images = {"images", folder.file("images"), {}};
  config.labels = {"labels", folder.file("labels"), {}};
  config.classes = {"classes.csv", folder.file("classes.csv"), {}};
  return config;
}

}  // namespace

TEST_CASE("a task has other images for queries than for support, of characters of its part alone") {
  const test::TemporaryFolder folder;
  FewShotConfig config = test::few_shot_config(folder);
  config.tasks.symmetries = Symmetries::none;
  const CharacterImages images(config.characters);
  for (const TaskPart part : {TaskPart::training, TaskPart::validation, TaskPart::test}) {
    const TaskSampler sampler(images, config, part);
    const char alphabets = part == TaskPart::training ? 'A' : part == TaskPart::validation ? 'C' : 'D';
    std::set<std::size_t> met;
    for (std::uint64_t number = 0; number < 40; ++number) {
      const Task task = sampler.task(number);
      const std::size_t queries = part == TaskPart::training ? 2 : 4;
      REQUIRE(task.support.size() == 3);
      REQUIRE(task.query.size() == 3 * queries);
      std::set<std::size_t> characters;
      std::set<std::string> alphabets_met;
      std::set<std::vector<float>> pictures;
      for (const ImageBatch* batch : {&task.support, &task.query}) {
        for (std::size_t i = 0; i < batch->size(); ++i) {
          const std::vector<float> values = picture(*batch, i, 64);
          CHECK(pictures.insert(values).second);
          // Where the picture stands in the file says whose it is.
          for (std::size_t c = 0; c < images.characters().size(); ++c) {
            for (const std::size_t image : images.characters()[c].images) {
              std::vector<float> stored;
              images.add(image, ImageView(), stored);
              if (stored == values) {
                characters.insert(c * 100 + static_cast<std::size_t>(batch->labels[i]));
                alphabets_met.insert(images.characters()[c].alphabet);
                met.insert(c);
              }
            }
          }
        }
      }
      CHECK(characters.size() == 3);  // one label for each of three characters, in support and query alike
      CHECK(alphabets_met.size() == 1);
      CHECK((*alphabets_met.begin())[0] >= alphabets);
      CHECK((*alphabets_met.begin())[0] <= (part == TaskPart::training ? 'B' : alphabets));
    }
    CHECK(met.size() == (part == TaskPart::training ? 12 : 6));
  }
}

TEST_CASE("the same seed, part and number give the same task, and others another") {
  const test::TemporaryFolder folder;
  FewShotConfig config = test::few_shot_config(folder);
  config.tasks.shift = 1;
  const CharacterImages images(config.characters);
  const auto values = [&](std::uint64_t seed, std::uint64_t number) {
    config.seed = seed;
    return TaskSampler(images, config, TaskPart::training).task(number).query.values;
  };
  CHECK(values(1, 5) == values(1, 5));
  CHECK(values(1, 5) != values(2, 5));
  CHECK(values(1, 5) != values(1, 6));
}

TEST_CASE("images are turned, mirrored and moved as by hand") {
  const test::TemporaryFolder folder;
  const CharacterImages images(one_image(folder));
  const auto made = [&](std::uint32_t quarters, bool mirrored, int down, int right) {
    std::vector<float> values;
    images.add(0, {quarters, mirrored, down, right}, values);
    return values;
  };
  using Values = std::vector<float>;
  const float a = 1.0F;
  const float b = 51.0F / 255.0F;
  const float c = 102.0F / 255.0F;
  CHECK(made(0, false, 0, 0) == Values{a, 0, 0, 0, 0, b, 0, c, 0});
  CHECK(made(0, true, 0, 0) == Values{0, 0, a, b, 0, 0, 0, c, 0});
  CHECK(made(2, false, 0, 0) == Values{0, c, 0, b, 0, 0, 0, 0, a});
  const Values quarter = made(1, false, 0, 0);
  CHECK((quarter == Values{0, 0, a, c, 0, 0, 0, b, 0} || quarter == Values{0, b, 0, 0, 0, c, a, 0, 0}));
  CHECK(made(3, false, 0, 0) != quarter);
  CHECK(made(0, false, 1, 0) == Values{0, 0, 0, a, 0, 0, 0, 0, b});
  CHECK(made(0, false, 0, -1) == Values{0, 0, 0, 0, b, 0, c, 0, 0});
  std::set<Values> all;
  for (std::uint32_t symmetry = 0; symmetry < 8; ++symmetry) {
    all.insert(made(symmetry % 4, symmetry >= 4, 0, 0));
  }
  CHECK(all.size() == 8);
}

TEST_CASE("a warped image has the values of scipy.ndimage.affine_transform") {
  const test::TemporaryFolder folder;
  ImageView view;
  view.warp = {0.8, 0.1, -0.25, 1.1};
  std::vector<float> values;
  CharacterImages(one_image(folder)).add(0, view, values);
  // order=1, mode="grid-constant", offset=[1, 1] - matrix @ [1, 1]
  const std::vector<double> expected = {0.765, 0.01, 0.039, 0.09, 0.0, 0.162, 0.0, 0.24, 0.071};
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(values[i] == Approx(expected[i]).margin(1e-6));
  }
}

TEST_CASE("training tasks alone are warped") {
  const test::TemporaryFolder folder;
  FewShotConfig config = test::few_shot_config(folder);
  const CharacterImages images(config.characters);
  const auto values = [&](TaskPart part, double warp) {
    config.tasks.warp = warp;
    return TaskSampler(images, config, part).task(3).support.values;
  };
  CHECK(values(TaskPart::training, 0.1) != values(TaskPart::training, 0.0));
  CHECK(values(TaskPart::test, 0.1) == values(TaskPart::test, 0.0));
}

}  // namespace lacuna

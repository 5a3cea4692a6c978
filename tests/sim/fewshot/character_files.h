#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/fewshot/few_shot_recipe.h"
#include "sim/yaml/yaml_document.h"
#include "tests/dice.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {

/// An IDX file of bytes.
inline void write_idx(const std::string& path, const std::vector<std::uint32_t>& shape,
                      const std::vector<std::uint8_t>& values) {
  std::ofstream file(path, std::ios::binary);
  file.put(0).put(0).put(8).put(static_cast<char>(shape.size()));
  for (const std::uint32_t extent : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      file.put(static_cast<char>(extent >> shift & 255U));
    }
  }
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size()));
}

/// Writes `images`, `labels` and `classes.csv`: 6 characters each of the alphabets A, B, C and D, of 8 x 8
/// pixels, 6 drawings of each: strokes of the character's own, with noise.
inline void write_characters(const TemporaryFolder& folder) {
  constexpr unsigned characters = 24;
  constexpr unsigned drawings = 6;
  constexpr unsigned pixels = 64;
  Dice dice(11);
  std::vector<std::uint8_t> images;
  std::vector<std::uint8_t> labels;
  std::string classes = "class,alphabet,character\n";
  for (unsigned c = 0; c < characters; ++c) {
    classes += std::to_string(c) + "," + std::string(1, static_cast<char>('A' + c / 6)) + ",x\n";
    std::vector<bool> ink;
    for (unsigned p = 0; p < pixels; ++p) {
      ink.push_back(dice.chance(35));
    }
    for (unsigned d = 0; d < drawings; ++d) {
      labels.push_back(static_cast<std::uint8_t>(c));
      for (unsigned p = 0; p < pixels; ++p) {
        images.push_back(dice.chance(12) ? static_cast<std::uint8_t>(dice.between(0, 255))
                                         : static_cast<std::uint8_t>(ink[p] ? 255 : 0));
      }
    }
  }
  write_idx(folder.file("images"), {characters * drawings, 8, 8}, images);
  write_idx(folder.file("labels"), {characters * drawings}, labels);
  folder.write("classes.csv", classes);
}

/// A recipe on them: 3 ways, 1 shot, 2 training queries; `more`: lines of `few_shot`, indented by two.
/// A `supernet` among them takes the place of the convolutions.
inline std::string few_shot_text(const std::string& more = {}) {
  const bool supernet = more.find("supernet") != std::string::npos;
  const std::string text =
      "few_shot:\n"
      "  characters:\n"
      "    images: images\n"
      "    labels: labels\n"
      "    classes: classes.csv\n"
      "    alphabets:\n"
      "      - {name: A, use: training}\n"
      "      - {name: B, use: training}\n"
      "      - {name: C, use: validation}\n"
      "      - {name: D, use: test}\n"
      "  tasks: {ways: 3, shots: 1, queries: 2, test_queries: 4}\n";
  return text + (supernet ? "" : "  convolutions: [{channels: 3}, {channels: 4}]\n") + more;
}

/// Writes characters and recipe; returns the recipe's path.
inline std::string write_few_shot_recipe(const TemporaryFolder& folder, const std::string& more = {}) {
  write_characters(folder);
  return folder.write("recipe.yaml", few_shot_text(more));
}

inline FewShotConfig few_shot_config(const TemporaryFolder& folder, const std::string& more = {}) {
  return load_few_shot(load_yaml(write_few_shot_recipe(folder, more)));
}

}  // namespace lacuna::test

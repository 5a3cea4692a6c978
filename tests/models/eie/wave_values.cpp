#include "tests/models/eie/wave_values.h"

#include <sstream>

#include <catch2/catch.hpp>

namespace lacuna::test {
namespace {

/// The short name that the values are written under. Leaves `file` behind the declarations.
std::string find_variable(std::istringstream& file, const std::string& name) {
  std::string path;
  std::string found;
  std::string word;
  while (file >> word && word != "$enddefinitions") {
    if (word == "$scope") {
      std::string kind, scope;
      file >> kind >> scope;
      path += scope;
      path += '.';
    } else if (word == "$upscope") {
      path.pop_back();
      path.erase(path.find_last_of('.') + 1);
    } else if (word == "$var") {
      std::string kind, width, code, variable;
      file >> kind >> width >> code >> variable;
      const std::string full = path + variable.substr(0, variable.find('['));
      found = full == name || full == "SystemC." + name ? code : found;
    }
  }
  return found;
}

}  // namespace

std::vector<WaveValue> wave_values(const std::string& vcd, const std::string& name) {
  std::istringstream file(vcd);
  const std::string code = find_variable(file, name);
  INFO("variable " << name);
  REQUIRE(!code.empty());
  std::vector<WaveValue> values;
  std::uint64_t time_ps = 0;
  std::string word;
  while (file >> word) {
    if (word[0] == '#') {
      time_ps = std::stoull(word.substr(1));
    } else if (word[0] == 'b') {
      std::string of;
      file >> of;
      if (of == code) {
        values.push_back({time_ps, std::stoull(word.substr(1), nullptr, 2)});
      }
    } else if (word.substr(1) == code) {
      values.push_back({time_ps, word[0] == '1' ? 1U : 0U});
    }
  }
  return values;
}

std::vector<std::uint64_t> values_of(const std::vector<WaveValue>& wave) {
  std::vector<std::uint64_t> values;
  values.reserve(wave.size());
  for (const WaveValue& value : wave) {
    values.push_back(value.value);
  }
  return values;
}

}  // namespace lacuna::test

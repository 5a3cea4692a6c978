#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/yaml/scalars.h"

namespace lacuna {

/// Makes the JSON Schema of a structure from its `describe` function; defaults are those of a fresh
/// structure.
class FieldSchema {
 public:
  using Json = nlohmann::ordered_json;

  template <class Member>
  void integer(std::string_view key, const Member& member, std::uint64_t min, std::uint64_t max,
               std::string_view meaning) {
    Json property = {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
    add_with_default(key, std::move(property), member, meaning);
  }
  template <class Member>
  void signed_integer(std::string_view key, const Member& member, std::int64_t min, std::int64_t max,
                      std::string_view meaning) {
    Json property = {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
    add_with_default(key, std::move(property), member, meaning);
  }
  template <class Member>
  void real(std::string_view key, const Member& member, double min, double max, std::string_view meaning) {
    Json property = {{"type", "number"}, {"minimum", min}, {"maximum", max}};
    add_with_default(key, std::move(property), member, meaning);
  }
  template <class Member>
  void boolean(std::string_view key, const Member& member, std::string_view meaning) {
    add_with_default(key, {{"type", "boolean"}}, member, meaning);
  }
  template <class Enumeration>
  void choice(std::string_view key, const Enumeration& member, std::initializer_list<const char*> names,
              std::string_view meaning) {
    Json property = {{"enum", Json::array()}};
    for (const char* each : names) {
      property["enum"].push_back(each);
    }
    if constexpr (std::is_enum_v<Enumeration>) {
      property["default"] = *(names.begin() + static_cast<std::ptrdiff_t>(member));
    }
    add(key, std::move(property), meaning);
  }
  void name(std::string_view key, const std::string& member, const std::vector<std::string>& names,
            std::string_view meaning);
  void text(std::string_view key, const std::string& member, std::string_view meaning);
  void file(std::string_view key, const FilePath& member, std::string_view meaning);
  void formula(std::string_view key, const FormulaText& member, std::string_view meaning);
  template <class Object>
  void section(std::string_view key, const Object&, std::string_view meaning) {
    add(key, of<Object>(), meaning);
  }
  template <class Object>
  void section(std::string_view key, const std::optional<Object>&, std::string_view meaning) {
    add(key, of<Object>(), meaning);
  }
  template <class Object>
  void section_or_word(std::string_view key, const std::optional<Object>&, const char* word, bool,
                       std::string_view meaning) {
    add(key, {{"anyOf", {of<Object>(), {{"const", word}}}}}, meaning);
  }
  template <class Item>
  void list(std::string_view key, const std::vector<Item>&, std::string_view meaning) {
    add(key, {{"type", "array"}, {"minItems", 1}, {"items", of<Item>()}}, meaning);
  }

  template <class Integer>
  void integers(std::string_view key, const std::vector<Integer>&, std::uint64_t min, std::uint64_t max,
                std::string_view meaning) {
    const Json item = {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
    add(key, {{"type", "array"}, {"minItems", 1}, {"items", item}}, meaning);
  }

  void plain_list(std::string_view key, const std::vector<YamlNode>& values, std::string_view meaning);

  void required(const std::vector<std::string>& keys);
  void any_of(const std::vector<std::string>& keys);
  void one_of(const std::vector<std::string>& keys);
  void only_with(std::string_view key, std::string_view needed);
  void alone(std::string_view key);

  Json take() { return std::move(schema_); }

  /// The schema of a structure.
  template <class Object>
  static Json of() {
    FieldSchema schema;
    const Object fresh{};
    Object::describe(fresh, schema);
    return schema.take();
  }

 private:
  void add(std::string_view key, Json property, std::string_view meaning);

  template <class T>
  void add_with_default(std::string_view key, Json property, const T& value, std::string_view meaning) {
    property["default"] = value;
    add(key, std::move(property), meaning);
  }
  template <class T>
  void add_with_default(std::string_view key, Json property, const std::optional<T>&,
                        std::string_view meaning) {
    add(key, std::move(property), meaning);
  }

  Json schema_ = {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
};

}  // namespace lacuna

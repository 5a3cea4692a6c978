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

/// Makes the JSON object of a structure from its `describe` function: every field with its value, empty
/// optional ones left out, files by their name without folders.
class FieldWriter {
 public:
  using Json = nlohmann::ordered_json;

  template <class Member>
  void integer(std::string_view key, const Member& member, std::uint64_t, std::uint64_t, std::string_view) {
    put(key, member);
  }
  template <class Member>
  void signed_integer(std::string_view key, const Member& member, std::int64_t, std::int64_t,
                      std::string_view) {
    put(key, member);
  }
  template <class Member>
  void real(std::string_view key, const Member& member, double, double, std::string_view) {
    put(key, member);
  }
  template <class Member>
  void boolean(std::string_view key, const Member& member, std::string_view) {
    put(key, member);
  }
  template <class Enumeration, class = std::enable_if_t<std::is_enum_v<Enumeration>>>
  void choice(std::string_view key, Enumeration member, std::initializer_list<const char*> names,
              std::string_view) {
    put(key, std::string(*(names.begin() + static_cast<std::ptrdiff_t>(member))));
  }
  template <class Enumeration>
  void choice(std::string_view key, const std::optional<Enumeration>& member,
              std::initializer_list<const char*> names, std::string_view meaning) {
    if (member) {
      choice(key, *member, names, meaning);
    }
  }
  void name(std::string_view key, const std::string& member, const std::vector<std::string>&,
            std::string_view) {
    put_text(key, member);
  }
  void text(std::string_view key, const std::string& member, std::string_view) { put_text(key, member); }
  void file(std::string_view key, const FilePath& member, std::string_view) {
    put_text(key, member.file_name());
  }
  void formula(std::string_view key, const FormulaText& member, std::string_view) {
    put_text(key, member.text);
  }
  template <class Object>
  void section(std::string_view key, const Object& object, std::string_view) {
    put(key, of(object));
  }
  template <class Object>
  void section(std::string_view key, const std::optional<Object>& object, std::string_view) {
    if (object) {
      put(key, of(*object));
    }
  }
  template <class Object>
  void section_or_word(std::string_view key, const std::optional<Object>& object, const char* word,
                       bool is_word, std::string_view meaning) {
    if (is_word) {
      put_text(key, word);
    } else {
      section(key, object, meaning);
    }
  }
  template <class Integer>
  void integers(std::string_view key, const std::vector<Integer>& members, std::uint64_t, std::uint64_t,
                std::string_view) {
    if (!members.empty()) {
      put(key, members);
    }
  }
  template <class Item>
  void list(std::string_view key, const std::vector<Item>& items, std::string_view) {
    if (items.empty()) {
      return;
    }
    Json array = Json::array();
    for (const Item& item : items) {
      array.push_back(of(item));
    }
    put(key, std::move(array));
  }

  void required(const std::vector<std::string>&) {}
  void one_of(const std::vector<std::string>&) {}
  void any_of(const std::vector<std::string>&) {}
  void only_with(std::string_view, std::string_view) {}
  void alone(std::string_view) {}

  /// The JSON object of a structure.
  template <class Object>
  static Json of(const Object& object) {
    FieldWriter writer;
    Object::describe(object, writer);
    return std::move(writer.json_);
  }

 private:
  template <class T>
  void put(std::string_view key, T&& value) {
    json_[std::string(key)] = std::forward<T>(value);
  }
  template <class T>
  void put(std::string_view key, const std::optional<T>& value) {
    if (value) {
      put(key, *value);
    }
  }
  void put_text(std::string_view key, const std::string& value) {
    if (!value.empty()) {
      put(key, value);
    }
  }

  Json json_ = Json::object();
};

}  // namespace lacuna

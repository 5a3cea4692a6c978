#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// Fills structures from YAML through their `describe` functions: one line per field gives key, range and
/// meaning, and the same line feeds schema (field_schema.h) and result JSON (field_writer.h). A member of
/// type std::optional stays empty when its key is absent; other members keep the value they have.
///
/// Call `finish` after `describe`: it refuses unknown keys and reports missing ones. All errors are
/// ConfigurationErrors.
class FieldReader {
 public:
  /// `node` must be a mapping; `path` is its dotted path, empty for the document.
  FieldReader(const YamlNode& node, std::string path);

  template <class Member>
  void integer(std::string_view key, Member& member, std::uint64_t min, std::uint64_t max, std::string_view) {
    if (const YamlNode* node = take(key)) {
      using Value = std::remove_reference_t<decltype(slot(member))>;
      slot(member) = static_cast<Value>(read_integer(*node, path_of(key), min, max));
    }
  }
  /// An integer that may be negative.
  template <class Member>
  void signed_integer(std::string_view key, Member& member, std::int64_t min, std::int64_t max,
                      std::string_view) {
    if (const YamlNode* node = take(key)) {
      using Value = std::remove_reference_t<decltype(slot(member))>;
      slot(member) = static_cast<Value>(read_signed_integer(*node, path_of(key), min, max));
    }
  }
  template <class Member>
  void real(std::string_view key, Member& member, double min, double max, std::string_view) {
    if (const YamlNode* node = take(key)) {
      slot(member) = read_real(*node, path_of(key), min, max);
    }
  }
  template <class Member>
  void boolean(std::string_view key, Member& member, std::string_view) {
    if (const YamlNode* node = take(key)) {
      slot(member) = read_boolean(*node, path_of(key));
    }
  }
  /// `member` is an enumeration (or its optional) whose values are the positions of `names`.
  template <class Member>
  void choice(std::string_view key, Member& member, std::initializer_list<const char*> names,
              std::string_view) {
    if (const YamlNode* node = take(key)) {
      using Value = std::remove_reference_t<decltype(slot(member))>;
      slot(member) = static_cast<Value>(read_choice(*node, path_of(key), {names.begin(), names.end()}));
    }
  }
  /// `member` holds one of `names`.
  void name(std::string_view key, std::string& member, const std::vector<std::string>& names,
            std::string_view);
  void text(std::string_view key, std::string& member, std::string_view);
  void file(std::string_view key, FilePath& member, std::string_view);
  void formula(std::string_view key, FormulaText& member, std::string_view);
  /// A mapping with fields of its own.
  template <class Member>
  void section(std::string_view key, Member& member, std::string_view) {
    if (const YamlNode* node = take(key)) {
      read_section(*node, path_of(key), slot(member));
    }
  }
  /// The same, or one word in its place.
  template <class Object>
  void section_or_word(std::string_view key, std::optional<Object>& member, const char* word, bool& is_word,
                       std::string_view) {
    if (const YamlNode* node = take(key)) {
      is_word = node->kind == YamlNode::Kind::scalar;
      member.reset();
      if (is_word) {
        read_choice(*node, path_of(key), {word});
      } else {
        read_section(*node, path_of(key), member.emplace());
      }
    }
  }
  /// A list of mappings, at least one.
  template <class Item>
  void list(std::string_view key, std::vector<Item>& items, std::string_view) {
    if (const YamlNode* node = take(key)) {
      check_list(*node, path_of(key));
      items.clear();
      for (std::size_t i = 0; i < node->items.size(); ++i) {
        read_section(node->items[i], path_of(key) + "." + std::to_string(i), items.emplace_back());
      }
    }
  }

  /// A list of integers, at least one.
  template <class Integer>
  void integers(std::string_view key, std::vector<Integer>& members, std::uint64_t min, std::uint64_t max,
                std::string_view) {
    if (const YamlNode* node = take(key)) {
      check_list(*node, path_of(key));
      members.clear();
      for (std::size_t i = 0; i < node->items.size(); ++i) {
        const std::string path = path_of(key) + "." + std::to_string(i);
        members.push_back(static_cast<Integer>(read_integer(node->items[i], path, min, max)));
      }
    }
  }

  /// A list of plain values, at least one. They keep their places; whoever knows their type reads them.
  void plain_list(std::string_view key, std::vector<YamlNode>& values, std::string_view);

  /// Keys that must be there.
  void required(const std::vector<std::string>& keys);
  /// At least one of these keys must be there.
  void any_of(const std::vector<std::string>& keys);
  /// Exactly one of these keys must be there.
  void one_of(const std::vector<std::string>& keys);
  /// `key` may only stand beside `needed`.
  void only_with(std::string_view key, std::string_view needed);
  /// No other key may stand beside `key`.
  void alone(std::string_view key);

  /// Refuses keys that no field has taken.
  void finish() const;

  /// Reads a whole mapping into `object` by its `describe`.
  template <class Object>
  static void read_section(const YamlNode& node, const std::string& path, Object& object) {
    FieldReader reader(node, path);
    Object::describe(object, reader);
    reader.finish();
  }

 private:
  std::vector<std::string> given(const std::vector<std::string>& keys) const;

  template <class T>
  static T& slot(T& member) {
    return member;
  }
  template <class T>
  static T& slot(std::optional<T>& member) {
    return member ? *member : member.emplace();
  }

  std::string path_of(std::string_view key) const;
  const YamlNode* take(std::string_view key);
  static void check_list(const YamlNode& node, const std::string& path);

  const YamlNode& node_;
  std::string path_;
  std::vector<std::string> known_;
};

}  // namespace lacuna

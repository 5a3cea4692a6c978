#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// Checks one section of a structure alone, by the structure's own `describe`: what it holds is read as it
/// would be within a whole file, and then dropped.
class SectionCheck {
 public:
  /// `keys` lead to the section from the structure on; `path` is the section's dotted path for messages.
  SectionCheck(const YamlNode& node, const std::vector<std::string>& keys, std::string path)
      : node_(node), keys_(keys), path_(std::move(path)) {}

  /// Throws ConfigurationError for what does not belong there, and where the structure has no such section.
  template <class Object>
  void check() {
    if (depth_ == keys_.size()) {
      Object object{};
      FieldReader::read_section(node_, path_, object);
      found_ = true;
      return;
    }
    const Object fresh{};
    Object::describe(fresh, *this);
    if (!found_) {
      throw ConfigurationError(node_.place(path_), "there is no section '" + keys_[depth_] + "'");
    }
  }

  template <class Object>
  void section(std::string_view key, const Object&, std::string_view) {
    enter<Object>(key);
  }
  template <class Object>
  void section(std::string_view key, const std::optional<Object>&, std::string_view) {
    enter<Object>(key);
  }
  template <class Object>
  void section_or_word(std::string_view key, const std::optional<Object>&, const char*, bool,
                       std::string_view) {
    enter<Object>(key);
  }
  template <class Item>
  void list(std::string_view key, const std::vector<Item>&, std::string_view) {
    enter<Item>(key);
  }

  // Everything else is no section.
  template <class... Rest>
  void integer(const Rest&...) {}
  template <class... Rest>
  void signed_integer(const Rest&...) {}
  template <class... Rest>
  void real(const Rest&...) {}
  template <class... Rest>
  void boolean(const Rest&...) {}
  template <class Member>
  void choice(std::string_view, const Member&, std::initializer_list<const char*>, std::string_view) {}
  void name(std::string_view, const std::string&, const std::vector<std::string>&, std::string_view) {}
  template <class... Rest>
  void text(const Rest&...) {}
  template <class... Rest>
  void file(const Rest&...) {}
  template <class... Rest>
  void formula(const Rest&...) {}
  template <class... Rest>
  void integers(const Rest&...) {}
  template <class... Rest>
  void plain_list(const Rest&...) {}
  void required(const std::vector<std::string>&) {}
  void any_of(const std::vector<std::string>&) {}
  void one_of(const std::vector<std::string>&) {}
  void only_with(std::string_view, std::string_view) {}
  void alone(std::string_view) {}

 private:
  template <class Object>
  void enter(std::string_view key) {
    if (!found_ && depth_ < keys_.size() && key == keys_[depth_]) {
      ++depth_;
      check<Object>();
    }
  }

  const YamlNode& node_;
  const std::vector<std::string>& keys_;
  std::string path_;
  std::size_t depth_ = 0;
  bool found_ = false;
};

}  // namespace lacuna

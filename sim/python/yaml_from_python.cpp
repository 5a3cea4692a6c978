#include "sim/python/yaml_from_python.h"

#include <filesystem>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::python {
namespace {

namespace py = pybind11;

/// Deep enough for any file that Lacuna reads, and a bound for lists that hold themselves.
constexpr int most_depth = 24;

class Maker {
 public:
  explicit Maker(std::shared_ptr<const YamlOrigin> origin) : origin_(std::move(origin)) {}

  YamlNode make(const py::handle& object, const std::string& path, int depth) {
    if (depth > most_depth) {
      refuse(path, "is nested too deeply", fmt::format("{} levels at most", most_depth));
    }
    if (object.is_none()) {
      return node(YamlNode::Kind::null);
    }
    if (py::isinstance<py::bool_>(object)) {
      return scalar(object.cast<bool>() ? "true" : "false", false);
    }
    if (py::isinstance<py::str>(object)) {
      return scalar(object.cast<std::string>(), true);
    }
    if (py::isinstance<py::int_>(object) || py::isinstance<py::float_>(object)) {
      return scalar(py::repr(object).cast<std::string>(), false);
    }
    if (py::isinstance<py::dict>(object)) {
      return mapping(py::reinterpret_borrow<py::dict>(object), path, depth);
    }
    if (py::isinstance<py::list>(object) || py::isinstance<py::tuple>(object)) {
      return sequence(object, path, depth);
    }
    return converted(object, path, depth);
  }

 private:
  [[noreturn]] void refuse(const std::string& path, const std::string& wrong,
                           const std::string& allowed) const {
    throw ConfigurationError({origin_->name, 0, path}, wrong, allowed);
  }

  YamlNode node(YamlNode::Kind kind) const {
    YamlNode made;
    made.kind = kind;
    made.origin = origin_;
    return made;
  }

  YamlNode scalar(std::string text, bool quoted) const {
    YamlNode made = node(YamlNode::Kind::scalar);
    made.text = std::move(text);
    made.quoted = quoted;
    return made;
  }

  YamlNode mapping(const py::dict& dict, const std::string& path, int depth) {
    YamlNode made = node(YamlNode::Kind::mapping);
    for (const auto& [key, value] : dict) {
      if (!py::isinstance<py::str>(key)) {
        refuse(path, fmt::format("has the key {}", py::repr(key).cast<std::string>()), "keys that are text");
      }
      auto name = key.cast<std::string>();
      YamlNode child = make(value, path.empty() ? name : fmt::format("{}.{}", path, name), depth + 1);
      made.entries.push_back({std::move(name), 0, std::move(child)});
    }
    return made;
  }

  YamlNode sequence(const py::handle& items, const std::string& path, int depth) {
    YamlNode made = node(YamlNode::Kind::sequence);
    std::size_t number = 0;
    for (const py::handle item : items) {
      made.items.push_back(make(item, fmt::format("{}.{}", path, number++), depth + 1));
    }
    return made;
  }

  /// What becomes one of the plain types: sections (`to_dict`), NumPy's scalars (`item`), paths.
  YamlNode converted(const py::handle& object, const std::string& path, int depth) {
    for (const char* method : {"to_dict", "__fspath__", "item"}) {
      if (py::hasattr(object, method)) {
        return make(object.attr(method)(), path, depth + 1);
      }
    }
    refuse(path,
           fmt::format("is of type {}", py::str(py::type::of(object).attr("__name__")).cast<std::string>()),
           "dict, list, str, bool, int, float, None, a path or a section of lacuna");
  }

  std::shared_ptr<const YamlOrigin> origin_;
};

}  // namespace

YamlNode yaml_from_python(const pybind11::handle& object, const std::shared_ptr<const YamlOrigin>& origin) {
  return Maker(origin).make(object, "", 0);
}

std::shared_ptr<const YamlOrigin> python_origin() {
  return std::make_shared<const YamlOrigin>(
      YamlOrigin{"configuration", std::filesystem::current_path(), false});
}

}  // namespace lacuna::python

#pragma once

#include <memory>

#include <pybind11/pybind11.h>

#include "sim/yaml/yaml_document.h"

namespace lacuna::python {

/// A document made of Python's dict, list, tuple, str, bool, int, float, None, paths (os.PathLike), NumPy's
/// scalars, and objects with a method `to_dict`. Throws ConfigurationError, naming the place, for anything
/// else.
YamlNode yaml_from_python(const pybind11::handle& object, const std::shared_ptr<const YamlOrigin>& origin);

/// The origin of what stands in no file: relative paths resolve against the working directory.
std::shared_ptr<const YamlOrigin> python_origin();

}  // namespace lacuna::python

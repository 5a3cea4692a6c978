#pragma once

#include <stdexcept>
#include <string>

namespace lacuna {

/// Where an error was found. Empty parts are left out of the message.
struct ErrorPlace {
  std::string file{};
  int line = 0;       ///< 1-based; 0 when unknown
  std::string key{};  ///< dotted path of a key, dataset or layer
};

/// Base of all errors that Lacuna's libraries throw. `what()` is one line without the leading "error: ":
/// `FILE:LINE: path.to.key: what is wrong; what is allowed`.
class Error : public std::runtime_error {
 public:
  Error(const ErrorPlace& place, const std::string& wrong, const std::string& allowed = {});
};

/// The machine, the configuration or the command line asks for something impossible (exit code 2).
class ConfigurationError : public Error {
 public:
  using Error::Error;
};

/// A layer does not fit the machine it is to run on; names layer, need and limit (exit code 2).
class CapacityError : public ConfigurationError {
 public:
  using ConfigurationError::ConfigurationError;
};

/// A file is missing, damaged or holds what it must not (exit code 3).
class InputDataError : public Error {
 public:
  using Error::Error;
};

}  // namespace lacuna

#pragma once

#include <map>
#include <string>

#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// SHA-256 of what a document says: its keys and values, and of every file that a value names (from the
/// folder of the file that holds it) the bytes, or, where that is YAML, again what it says. So the same words
/// over other tables, data or bases have another digest. Throws InputDataError for a file that is there and
/// cannot be read.
std::string document_digest(const YamlNode& node);

/// The same of several documents, which may name the same large files: these are read once.
class DocumentDigests {
 public:
  std::string of(const YamlNode& node);

 private:
  std::map<std::string, std::string> files_;  ///< digests by path
};

}  // namespace lacuna

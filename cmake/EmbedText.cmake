# Writes a C++ file with functions that give the text of files.
# Usage: cmake -D output=FILE.cpp -D header=sim/... -D namespace=NAME -D "entries=FUNCTION=FILE|..." -P EmbedText.cmake
set(text "// Made by cmake/EmbedText.cmake.\n#include \"${header}\"\n\nnamespace ${namespace} {\n")
string(REPLACE "|" ";" entries "${entries}")
foreach(entry IN LISTS entries)
  string(REGEX MATCH "^([a-z_]+)=(.+)$" matched "${entry}")
  set(function "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND text "\nstd::string_view ${function}() {\n  static constexpr char text[] = \"${bytes}\";\n  return {text, sizeof(text) - 1};\n}\n")
endforeach()
string(APPEND text "\n}  // namespace ${namespace}\n")
file(WRITE "${output}" "${text}")

// Attributes of traces that no trace may have, and such that cannot be written.

#include <functional>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/trace/hdf5_input.h"
#include "sim/data/trace/trace_file.h"
#include "tests/file_bytes.h"
#include "tests/sim/data/trace/raw_trace.h"

using namespace lacuna;
using test::TemporaryFolder;

namespace {

void add_attribute(hid_t object, const std::string& name, hsize_t values) {
  const std::vector<int> numbers(values, 1);
  const hid_t space = H5Screate_simple(1, &values, nullptr);
  const hid_t attribute = H5Acreate2(object, name.c_str(), H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_INT, numbers.data());
  H5Aclose(attribute);
  H5Sclose(space);
}

/// The message with which a sound trace is refused after a change of the file.
std::string refusal(const std::function<void(hid_t)>& change) {
  const TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  test::RawTrace().write(path);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  change(file);
  H5Fclose(file);
  return test::message_of<InputDataError>([&path] { read_trace(path); });
}

void in_provenance(hid_t file, const std::function<void(hid_t)>& change) {
  const bool exists = H5Lexists(file, "provenance", H5P_DEFAULT) > 0;
  const hid_t group = exists ? H5Gopen2(file, "provenance", H5P_DEFAULT)
                             : H5Gcreate2(file, "provenance", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  change(group);
  H5Gclose(group);
}

Trace sound_trace() {
  const TemporaryFolder folder;
  test::RawTrace().write(folder.file("t.h5"));
  return read_trace(folder.file("t.h5"));
}

std::string write_refusal(const Trace& trace) {
  const TemporaryFolder folder;
  const std::string message =
      test::message_of<InputDataError>([&] { write_trace(trace, folder.file("t.h5")); });
  CHECK(folder.file_count() == 0);
  return message;
}

}  // namespace

TEST_CASE("attributes of several values are refused") {
  CHECK_THAT(refusal([](hid_t file) {
               H5Adelete(file, "relu");
               add_attribute(file, "relu", 2);
             }),
             Catch::Contains("relu: holds more or less than one value"));
  CHECK_THAT(
      refusal([](hid_t file) { in_provenance(file, [](hid_t group) { add_attribute(group, "key", 3); }); }),
      Catch::Contains("provenance@key: holds more or less than one value"));
}

TEST_CASE("provenance of too many keys, or with control characters, is refused") {
  CHECK_THAT(
      refusal([](hid_t file) { in_provenance(file, [](hid_t group) { add_attribute(group, "a\nb", 1); }); }),
      Catch::Contains("has an attribute with control characters in its name"));
  CHECK_THAT(refusal([](hid_t file) {
               in_provenance(file, [](hid_t group) {
                 for (int i = 0; i < 300; ++i) {
                   add_attribute(group, std::to_string(i), 1);
                 }
               });
             }),
             Catch::Contains("has too many attributes; at most 256"));
}

TEST_CASE("provenance that could not be read is not written") {
  Trace trace = sound_trace();
  trace.provenance[std::string(65, 'k')] = "value";
  CHECK_THAT(write_refusal(trace), Catch::Contains("has a key of 65 bytes"));
  trace = sound_trace();
  for (int i = 0; i < 300; ++i) {
    trace.provenance[std::to_string(i)] = "value";
  }
  CHECK_THAT(write_refusal(trace), Catch::Contains("has too many entries"));
}

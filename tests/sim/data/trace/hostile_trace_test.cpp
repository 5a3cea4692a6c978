#include <cmath>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/trace/trace_file.h"
#include "tests/file_bytes.h"
#include "tests/sim/data/trace/raw_trace.h"

using namespace lacuna;
using test::RawTrace;

namespace {

/// The message with which the file is refused, without the file's name; empty when it is read.
std::string refusal(const RawTrace& raw) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  raw.write(path);
  const std::string message = test::message_of<InputDataError>([&path] { read_trace(path); });
  if (message.empty()) {
    return message;
  }
  REQUIRE_THAT(message, Catch::StartsWith(path + ": "));
  REQUIRE(message.find('\n') == std::string::npos);
  return message.substr(path.size() + 2);
}

std::string refusal(void (*spoil)(RawTrace&)) {
  RawTrace raw;
  spoil(raw);
  return refusal(raw);
}

Trace read(const RawTrace& raw) {
  const test::TemporaryFolder folder;
  raw.write(folder.file("t.h5"));
  return read_trace(folder.file("t.h5"));
}

}  // namespace

TEST_CASE("a trace written by another program is read") {
  const Trace trace = read(RawTrace());
  CHECK(trace.matrix.rows == 4);
  CHECK(trace.matrix.columns == 3);
  CHECK(trace.matrix.column_starts == std::vector<std::uint64_t>{0, 2, 2, 5});
  CHECK(trace.matrix.row_indices == std::vector<std::uint32_t>{0, 3, 0, 1, 2});
  CHECK(trace.matrix.codes == std::vector<std::uint8_t>{1, 2, 3, 1, 2});
  CHECK(trace.codebook == std::vector<float>{0, 1, 2, 3});
  CHECK(trace.activations.values == std::vector<float>{1, 0, 2, 0, 0.5, 0});
  CHECK(trace.relu);
  CHECK_FALSE(trace.has_bias);
}

TEST_CASE("other widths and big-endian numbers are converted, never misread") {
  RawTrace raw;
  raw.datasets["matrix/shape"].type = H5T_STD_U16BE;
  raw.datasets["matrix/indptr"].type = H5T_STD_I64BE;
  raw.datasets["matrix/indices"].type = H5T_STD_U32BE;
  raw.datasets["matrix/data"].type = H5T_STD_I32BE;
  raw.datasets["codebook"].type = H5T_IEEE_F64BE;
  raw.datasets["activations"].type = H5T_IEEE_F32BE;
  const Trace trace = read(raw);
  CHECK(trace.matrix.row_indices == std::vector<std::uint32_t>{0, 3, 0, 1, 2});
  CHECK(trace.matrix.codes == std::vector<std::uint8_t>{1, 2, 3, 1, 2});
  CHECK(trace.activations.values == std::vector<float>{1, 0, 2, 0, 0.5, 0});
}

TEST_CASE("each missing dataset and attribute is named") {
  for (const char* name :
       {"matrix/shape", "matrix/indptr", "matrix/indices", "matrix/data", "codebook", "activations"}) {
    RawTrace raw;
    raw.datasets.erase(name);
    CHECK_THAT(refusal(raw), Catch::StartsWith(std::string(name) + ": is missing"));
  }
  for (const char* name : {"has_bias", "relu"}) {
    RawTrace raw;
    raw.flags[name].reset();
    CHECK_THAT(refusal(raw), Catch::StartsWith(std::string(name) + ": is missing"));
    raw.flags[name] = 2;
    CHECK_THAT(refusal(raw), Catch::StartsWith(std::string(name) + ": is 2; 0 or 1"));
  }
}

TEST_CASE("another schema or sparse format is refused") {
  CHECK_THAT(refusal([](RawTrace& r) { r.schema = "lacuna.trace/9"; }),
             Catch::StartsWith("schema: is \"lacuna.trace/9\""));
  CHECK_THAT(refusal([](RawTrace& r) { r.format = "csr"; }), Catch::StartsWith("matrix@format: is \"csr\""));
  CHECK_THAT(refusal([](RawTrace& r) {
               r.version = H5F_LIBVER_EARLIEST;
               r.schema = "lacuna.trace/9";
             }),
             Catch::Contains("schema: is \"lacuna.trace/9\""));
}

TEST_CASE("metadata without checksums and texts of variable length are read in a child") {
  CHECK(refusal([](RawTrace&) {}).empty());
  CHECK(refusal([](RawTrace& r) { r.variable_text = true; }).empty());
  CHECK(refusal([](RawTrace& r) { r.version = H5F_LIBVER_EARLIEST; }).empty());
}

TEST_CASE("wrong types and ranks are refused") {
  CHECK_THAT(refusal([](RawTrace& r) { r.datasets["matrix/data"].type = H5T_IEEE_F32LE; }),
             Catch::StartsWith("matrix/data: has the wrong type"));
  CHECK_THAT(refusal([](RawTrace& r) { r.datasets["matrix/indices"].type = H5T_IEEE_F64LE; }),
             Catch::StartsWith("matrix/indices: has the wrong type"));
  CHECK_THAT(refusal([](RawTrace& r) { r.datasets["codebook"].type = H5T_STD_I32LE; }),
             Catch::StartsWith("codebook: has the wrong type"));
  CHECK_THAT(refusal([](RawTrace& r) { r.datasets["activations"].type = H5T_VAX_F32; }),
             Catch::StartsWith("activations: has the wrong type"));
  CHECK_THAT(refusal([](RawTrace& r) { r.datasets["activations"].dimensions = {6}; }),
             Catch::StartsWith("activations: has the wrong number of dimensions; 2"));
  CHECK_THAT(refusal([](RawTrace& r) {
               r.datasets["matrix/indices"].dimensions = {5, 1};
             }),
             Catch::StartsWith("matrix/indices: has the wrong number of dimensions; 1"));
  CHECK_THAT(refusal([](RawTrace& r) {
               r.datasets["codebook"] = {H5T_IEEE_F32LE, {}, {0}};
             }),
             Catch::StartsWith("codebook: has the wrong number of dimensions; 1"));
  CHECK_THAT(refusal([](RawTrace& r) {
               r.datasets["matrix/shape"] = {H5T_STD_I64LE, {3}, {4, 3, 1}};
             }),
             Catch::StartsWith("matrix/shape: 3 elements"));
}

TEST_CASE("numbers out of range are refused and not clipped") {
  const auto set = [](const char* name, hid_t type, std::vector<double> values) {
    RawTrace raw;
    raw.datasets[name].type = type;
    raw.datasets[name].values = std::move(values);
    return refusal(raw);
  };
  CHECK_THAT(set("matrix/data", H5T_STD_I32LE, {1, 2, 259, 1, 2}),
             Catch::StartsWith("matrix/data: element 2 is out of"));
  CHECK_THAT(set("matrix/data", H5T_STD_I8LE, {1, 2, -1, 1, 2}),
             Catch::StartsWith("matrix/data: element 2 is out of"));
  CHECK_THAT(set("matrix/data", H5T_STD_U8LE, {1, 2, 4, 1, 2}),
             Catch::StartsWith("matrix/data: element 2: code 4"));
  CHECK_THAT(set("matrix/data", H5T_STD_U8LE, {0, 2, 3, 1, 2}),
             Catch::StartsWith("matrix/data: element 0: code 0"));
  CHECK_THAT(set("matrix/indices", H5T_STD_I32LE, {0, -1, 0, 1, 2}),
             Catch::StartsWith("matrix/indices: element 1 is"));
  CHECK_THAT(set("matrix/indices", H5T_STD_I32LE, {0, 4, 0, 1, 2}),
             Catch::StartsWith("matrix/indices: element 1: row"));
  CHECK_THAT(set("matrix/indices", H5T_STD_I32LE, {3, 0, 0, 1, 2}), Catch::Contains("does not ascend"));
  CHECK_THAT(set("matrix/indices", H5T_STD_I64LE, {0, 4294967299.0, 0, 1, 2}),
             Catch::Contains("out of range"));
  CHECK_THAT(set("matrix/indptr", H5T_STD_U64LE, {0, 2, 18446744073709547520.0, 5}),
             Catch::Contains("out of range"));
  CHECK_THAT(set("matrix/indptr", H5T_STD_I32LE, {0, 5, 2, 5}), Catch::Contains("goes backwards"));
  CHECK_THAT(set("matrix/indptr", H5T_STD_I32LE, {0, 900, 2, 5}), Catch::Contains("goes backwards"));
  CHECK_THAT(set("matrix/shape", H5T_STD_I64LE, {4294967300.0, 3}), Catch::Contains("out of range"));
  CHECK_THAT(set("matrix/shape", H5T_STD_I64LE, {4, 0}), Catch::StartsWith("matrix/shape: 0 columns"));
  CHECK_THAT(set("codebook", H5T_IEEE_F32LE, {0, 1, NAN, 3}),
             Catch::StartsWith("codebook: element 2: not a finite"));
  CHECK_THAT(set("codebook", H5T_IEEE_F64LE, {0, 1, 1e300, 3}),
             Catch::StartsWith("codebook: element 2: not a finite"));
  CHECK_THAT(set("activations", H5T_IEEE_F32LE, {0, -INFINITY, 0, 0, 0, 0}),
             Catch::StartsWith("activations: element 1"));
}

TEST_CASE("zero-sized parts are refused") {
  CHECK_THAT(refusal([](RawTrace& r) {
               r.datasets["activations"] = {H5T_IEEE_F32LE, {0, 3}, {}};
             }),
             Catch::StartsWith("activations: no vector"));
  CHECK_THAT(refusal([](RawTrace& r) {
               r.datasets["codebook"] = {H5T_IEEE_F32LE, {0}, {}};
             }),
             Catch::StartsWith("codebook: 0 elements"));
  CHECK_THAT(refusal([](RawTrace& r) {
               r.datasets["matrix/indptr"] = {H5T_STD_I64LE, {0}, {}};
             }),
             Catch::StartsWith("matrix/indptr: 0 elements"));
}

TEST_CASE("sizes that the file does not hold are refused before anything is allocated") {
  const auto claim = [](hsize_t elements, hsize_t chunk) {
    RawTrace raw;
    raw.datasets["matrix/indices"] = {H5T_STD_I64LE, {elements}, {}, [chunk](hid_t properties) {
                                        H5Pset_chunk(properties, 1, &chunk);
                                        H5Pset_deflate(properties, 9);
                                      }};
    return refusal(raw);
  };
  CHECK_THAT(claim(hsize_t{1} << 30, 1000), Catch::StartsWith("matrix/indices: claims 8589934592 bytes"));
  CHECK_THAT(claim(hsize_t{1} << 40, 1000), Catch::StartsWith("matrix/indices: is too large"));
  CHECK_THAT(claim(hsize_t{1} << 62, 1000), Catch::StartsWith("matrix/indices: is too large"));
  CHECK_THAT(claim(hsize_t{1} << 28, hsize_t{1} << 28),
             Catch::StartsWith("matrix/indices: has too large chunks"));
  RawTrace contiguous;
  contiguous.datasets["activations"] = {H5T_IEEE_F32LE, {1000000, 3}, {}};
  CHECK_THAT(refusal(contiguous), Catch::StartsWith("activations: claims 12000000 bytes"));
}

TEST_CASE("filters that would load a plugin and data outside the file are refused") {
  RawTrace filtered;
  filtered.datasets["codebook"].set_properties = [](hid_t properties) {
    const hsize_t chunk = 4;
    H5Pset_chunk(properties, 1, &chunk);
    H5Pset_scaleoffset(properties, H5Z_SO_FLOAT_DSCALE, 2);
  };
  CHECK_THAT(refusal(filtered), Catch::StartsWith("codebook: is packed with an unknown filter"));
  RawTrace outside;
  outside.datasets["codebook"].values.clear();
  outside.datasets["codebook"].set_properties = [](hid_t properties) {
    H5Pset_external(properties, "/etc/hostname", 0, 16);
  };
  CHECK_THAT(refusal(outside), Catch::StartsWith("codebook: keeps its data outside this file"));
}

TEST_CASE("links out of the file are not followed") {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  RawTrace raw;
  raw.write(folder.file("other.h5"));
  raw.datasets.erase("codebook");
  raw.write(path);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_external("other.h5", "codebook", file, "codebook", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK_THAT(test::message_of<InputDataError>([&path] { read_trace(path); }),
             Catch::Contains("codebook: is a soft or external link"));
}

TEST_CASE("a group in place of a dataset, and a dataset in place of a group, are refused") {
  CHECK_THAT(refusal([](RawTrace& r) {
               r.datasets.erase("codebook");
               r.datasets["provenance"] = {H5T_STD_I8LE, {1}, {1}};
             }),
             Catch::StartsWith("codebook: is missing"));
  const test::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  RawTrace raw;
  raw.datasets.erase("codebook");
  raw.write(path);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, "codebook", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  CHECK_THAT(test::message_of<InputDataError>([&path] { read_trace(path); }),
             Catch::Contains("codebook: cannot be opened as a dataset"));
}

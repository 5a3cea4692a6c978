#pragma once

#include <utility>

#include <hdf5.h>

namespace lacuna::hdf5 {

/// Owns one HDF5 identifier and closes it with the function that fits its kind.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle(hid_t id, Close close_function) : id_(id), close_(close_function) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, hid_t{-1})), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close(); }

  bool valid() const { return id_ >= 0; }
  hid_t id() const { return id_; }

  /// Closes now; false when the library reports an error (for a file: not everything could be written).
  bool close() { return id_ < 0 || close_(std::exchange(id_, hid_t{-1})) >= 0; }

 private:
  hid_t id_;
  Close close_;
};

/// Keeps the library from printing: its error stack while this object lives, and its complaint about the
/// remains of a damaged file when the program ends (all that is open is closed by handles, so its clean-up
/// then is not needed).
class SilentErrors {
 public:
  SilentErrors() {
    H5dont_atexit();
    H5Eget_auto2(H5E_DEFAULT, &printer_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~SilentErrors() { H5Eset_auto2(H5E_DEFAULT, printer_, data_); }
  SilentErrors(const SilentErrors&) = delete;
  SilentErrors& operator=(const SilentErrors&) = delete;

 private:
  H5E_auto2_t printer_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace lacuna::hdf5

#pragma once

#include <cstdint>

namespace lacuna::sparse {

/// Tells memory images apart, so that what was derived from one is not taken for another's. Each new object
/// and each copy has a number of its own; moving takes the number along and leaves a new one behind. Whoever
/// changes an image in place, after an engine has run it, must `renew` its identity.
class ImageIdentity {
 public:
  ImageIdentity() : number_(next()) {}
  ImageIdentity(const ImageIdentity& /*other*/) : number_(next()) {}
  ImageIdentity(ImageIdentity&& other) noexcept : number_(other.number_) { other.renew(); }
  ImageIdentity& operator=(const ImageIdentity& other) {
    if (this != &other) {
      renew();
    }
    return *this;
  }
  ImageIdentity& operator=(ImageIdentity&& other) noexcept {
    if (this != &other) {
      number_ = other.number_;
      other.renew();
    }
    return *this;
  }
  ~ImageIdentity() = default;

  void renew() { number_ = next(); }
  std::uint64_t number() const { return number_; }

 private:
  /// Unique in this process, from any thread.
  static std::uint64_t next();

  std::uint64_t number_;
};

}  // namespace lacuna::sparse

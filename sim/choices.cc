#include "sim/choices.h"

#include <algorithm>
#include <bit>

#include "sim/require.h"

namespace vipdrift::sim {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint32_t kMillion = 1'000'000;

/// splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): moves `state` on.
std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// The seed of a stream: neither equal seeds nor equal names give equal streams.
std::uint64_t stream_seed(std::uint64_t seed, std::string_view name) {
  std::uint64_t state = seed;
  return splitmix(state) ^ hash_of(name);
}

}  // namespace

Generator::Generator(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix(seed);
}

std::uint64_t Generator::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Generator::below(std::uint64_t n) {
  Wide product = Wide{next()} * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < threshold) product = Wide{next()} * n;
  }
  return static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t Enumeration::draw(std::uint64_t bound) {
  if (position_ >= depth_) return 0;
  if (position_ == digits_.size()) digits_.push_back({0, bound});
  require(digits_[position_].bound == bound, "an enumerated run differs before its choices do");
  return digits_[position_++].value;
}

bool Enumeration::next() {
  digits_.resize(position_);
  position_ = 0;
  while (!digits_.empty() && digits_.back().value + 1 == digits_.back().bound) digits_.pop_back();
  if (digits_.empty()) return false;
  ++digits_.back().value;
  return true;
}

Choices Choices::random(std::uint64_t seed) {
  Choices choices{Mode::random};
  choices.seed_ = seed;
  return choices;
}

Choices Choices::replaying(ChoiceRecord record) {
  Choices choices{Mode::replay};
  choices.replay_ = std::move(record);
  return choices;
}

Choices Choices::enumerating(Enumeration& enumeration) {
  Choices choices{Mode::enumerate};
  choices.enumeration_ = &enumeration;
  ++enumeration.runs_;
  return choices;
}

Choices Choices::from_bytes(std::span<const std::uint8_t> bytes) {
  Choices choices{Mode::bytes};
  choices.bytes_.assign(bytes.begin(), bytes.end());
  return choices;
}

StreamId Choices::stream(std::string_view name) {
  for (std::uint32_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].name == name) return {i};
  }
  Stream stream{std::string{name}, Generator{stream_seed(seed_, name)}, 0, {}};
  for (const Draw& draw : replay_.draws) {
    if (replay_.streams[draw.stream] == name) stream.replayed.push_back(draw);
  }
  streams_.push_back(std::move(stream));
  return {static_cast<std::uint32_t>(streams_.size() - 1)};
}

std::uint64_t Choices::below(StreamId id, std::uint64_t n) {
  require(n > 0, "a draw has no outcome");
  if (n == 1) return 0;
  Stream& stream = streams_[id.index];
  return note(id, n, mode_ == Mode::random ? stream.generator.below(n) : from_input(stream, n));
}

bool Choices::chance(StreamId id, scenarios::PartsPerMillion share) {
  if (share.value == 0) return false;
  if (share.value >= kMillion) return true;
  Stream& stream = streams_[id.index];
  if (mode_ != Mode::random) return note(id, 2, from_input(stream, 2)) == 1;
  return note(id, 2, stream.generator.below(kMillion) < share.value ? 1 : 0) == 1;
}

Duration Choices::between(StreamId id, Duration low, Duration high) {
  require(low <= high, "a draw has no outcome");
  const auto span = static_cast<std::uint64_t>(high.count()) - static_cast<std::uint64_t>(low.count());
  if (span == 0) return low;
  if (mode_ == Mode::enumerate) {
    const bool at_end = note(id, 2, from_input(streams_[id.index], 2)) == 1;
    return at_end ? high : low;
  }
  require(span != UINT64_MAX, "a draw has too many outcomes");
  return Duration{static_cast<Duration::rep>(static_cast<std::uint64_t>(low.count()) + below(id, span + 1))};
}

std::uint64_t Choices::from_input(Stream& stream, std::uint64_t bound) {
  switch (mode_) {
    case Mode::replay: {
      if (stream.position == stream.replayed.size()) return 0;
      const std::uint64_t value = stream.replayed[stream.position++].value;
      return value < bound ? value : 0;
    }
    case Mode::enumerate:
      return enumeration_->draw(bound);
    case Mode::bytes:
      return take_bytes(bound);
    case Mode::random:
      break;
  }
  return 0;
}

/// As few bytes as the bound needs, the rest of the division: a fuzzer wants simple, not uniform.
std::uint64_t Choices::take_bytes(std::uint64_t bound) {
  std::uint64_t value = 0;
  for (std::uint64_t rest = bound - 1; rest != 0 && bytes_used_ < bytes_.size(); rest >>= 8U) {
    value = value << 8U | bytes_[bytes_used_++];
  }
  return value % bound;
}

std::uint64_t Choices::note(StreamId stream, std::uint64_t bound, std::uint64_t value) {
  ++draws_;
  if (recording_) recorded_.push_back({stream.index, bound, value});
  return value;
}

ChoiceRecord Choices::record() const {
  ChoiceRecord record;
  for (const Stream& stream : streams_) record.streams.push_back(stream.name);
  record.draws = recorded_;
  return record;
}

std::uint64_t Choices::last_draw() const {
  // A sum, because streams may have been made in another order.
  std::uint64_t sum = draws_;
  for (const Stream& stream : streams_) {
    Generator generator = stream.generator;
    sum += generator.next() ^ stream.position;
  }
  return sum + bytes_used_;
}

}  // namespace vipdrift::sim

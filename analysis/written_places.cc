#include "analysis/written_places.h"

#include <algorithm>

namespace vipdrift::analysis {
namespace {

using config::WrittenStatement;

std::string_view unquoted(std::string_view word) {
  const bool quoted = word.size() >= 2 && word.front() == '"' && word.back() == '"';
  return quoted ? word.substr(1, word.size() - 2) : word;
}

}  // namespace

WrittenPlaces::WrittenPlaces(std::span<const Director> directors) : directors_(directors), blocks_(directors.size()) {
  for (std::size_t i = 0; i < directors.size(); ++i) {
    if (directors[i].written == nullptr) continue;
    for (const WrittenStatement& statement : directors[i].written->statements) {
      if (!statement.opens_block) continue;
      blocks_[i].emplace(Key{statement.spot.file, statement.spot.line, statement.spot.column}, &statement);
    }
  }
}

/// A sequence makes several blocks of one place; their names differ.
const WrittenStatement* WrittenPlaces::block(std::size_t director, const config::Place& place,
                                             std::string_view name) const {
  if (blocks_[director].empty()) return nullptr;
  const std::vector<std::string>& files = directors_[director].written->files;
  const auto file = std::find(files.begin(), files.end(), place.file);
  if (file == files.end()) return nullptr;
  const Key key{static_cast<std::uint32_t>(file - files.begin()), place.line, place.column};
  for (auto [at, end] = blocks_[director].equal_range(key); at != end; ++at) {
    const std::vector<std::string>& words = at->second->words;
    if (name.empty() || (words.size() > 1 && unquoted(words[1]) == name)) return at->second;
  }
  return nullptr;
}

config::Place WrittenPlaces::place_of(std::size_t director, const WrittenStatement& statement) const {
  return directors_[director].written->place(statement.spot);
}

config::Place WrittenPlaces::setting(const VirtualRouterSeats::Seat& seat,
                                     std::initializer_list<std::string_view> keywords) const {
  const config::VrrpInstance& instance = instance_of(directors_, seat);
  const WrittenStatement* const whole = block(seat.director, instance.place, instance.name);
  if (whole == nullptr) return instance.place;
  for (const std::string_view keyword : keywords) {
    if (const WrittenStatement* const found = whole->find(keyword)) return place_of(seat.director, *found);
    const WrittenStatement* const inner = whole->find("authentication");
    const WrittenStatement* const found = inner == nullptr ? nullptr : inner->find(keyword);
    if (found != nullptr) return place_of(seat.director, *found);
  }
  return instance.place;
}

config::Place WrittenPlaces::address(const VirtualRouterSeats::Seat& seat, const IpAddress& address) const {
  const config::VrrpInstance& instance = instance_of(directors_, seat);
  const WrittenStatement* const whole = block(seat.director, instance.place, instance.name);
  if (whole == nullptr) return instance.place;
  for (const WrittenStatement& list : whole->inner) {
    if (list.keyword() != "virtual_ipaddress" && list.keyword() != "virtual_ipaddress_excluded") continue;
    for (const WrittenStatement& line : list.inner) {
      const std::string_view word = unquoted(line.keyword());
      if (IpAddress::parse(word.substr(0, word.find('/'))) == address) return place_of(seat.director, line);
    }
  }
  return instance.place;
}

config::Place WrittenPlaces::setting(std::size_t director, const config::VirtualServer& service,
                                     std::string_view keyword) const {
  const WrittenStatement* const whole = block(director, service.place, {});
  const WrittenStatement* const found = whole == nullptr ? nullptr : whole->find(keyword);
  return found == nullptr ? service.place : place_of(director, *found);
}

config::Place WrittenPlaces::global(std::size_t director, std::string_view keyword,
                                    const config::Place& otherwise) const {
  if (directors_[director].written == nullptr) return otherwise;
  const config::WrittenConfiguration& written = *directors_[director].written;
  for (auto at = written.globals.rbegin(); at != written.globals.rend(); ++at) {
    const WrittenStatement* const found = written.statements[*at].find(keyword);
    if (found != nullptr) return place_of(director, *found);
  }
  return otherwise;
}

}  // namespace vipdrift::analysis

#include "protocol/config/source_line.h"

#include "protocol/config/text.h"

namespace vipdrift::config {

SourceLine SourceLine::with_replaced(std::size_t begin, std::size_t end, std::string_view replacement) const {
  auto made = std::make_shared<EditedText>();
  const std::size_t size = text.size() - (end - begin) + replacement.size();
  made->text.reserve(size);
  made->text.append(text.substr(0, begin)).append(replacement).append(text.substr(end));
  made->columns.reserve(size);
  for (std::size_t i = 0; i < begin; ++i) made->columns.push_back(spot_at(i).column);
  made->columns.insert(made->columns.end(), replacement.size(), spot_at(begin).column);
  for (std::size_t i = end; i < text.size(); ++i) made->columns.push_back(spot_at(i).column);

  SourceLine line;
  line.start = spot_at(0);
  line.text = made->text;
  line.edited = std::move(made);
  return line;
}

SourceLine trimmed(const SourceLine& line) {
  std::size_t begin = 0;
  while (begin < line.text.size() && is_blank(line.text[begin])) ++begin;
  return line.part(begin, trim(line.text).size());
}

}  // namespace vipdrift::config

# Run by vipdrift_embed_text() at build time: INPUT (a text file) to OUTPUT (a .cc) that defines SYMBOL.
file(READ ${INPUT} text)
# A raw string literal may hold about 64 KiB on every compiler; the delimiter must not occur in the text.
file(WRITE ${OUTPUT} "#include <string_view>
namespace vipdrift::tools {
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL} = R\"EMBEDDED(${text})EMBEDDED\";
}  // namespace vipdrift::tools
")

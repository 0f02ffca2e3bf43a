# Writes OUTPUT: every *.conf below ROOT/RULE/bad and ROOT/RULE/good as an entry of vipdrift::tools::rule_examples().
file(GLOB files ${ROOT}/*/bad/*.conf ${ROOT}/*/good/*.conf)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  file(RELATIVE_PATH name ${ROOT} ${file})
  string(REPLACE "/" "\", \"" words "${name}")
  file(READ ${file} text)
  string(APPEND entries "    {\"${words}\", R\"~conf~(${text})~conf~\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"tools/vipdrift/rule_pages.h\"

namespace vipdrift::tools {
namespace {

constexpr RuleExample kExamples[] = {
${entries}};

}  // namespace

std::span<const RuleExample> rule_examples() { return kExamples; }

}  // namespace vipdrift::tools
")
